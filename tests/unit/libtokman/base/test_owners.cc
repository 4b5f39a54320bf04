// What owns something that must not be left behind: secret bytes, a descriptor, a result.
#include <fcntl.h>

#include <string>
#include <utility>

#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "tests/support/cmocka_cpp.h"

using tokman::Error;
using tokman::Fd;
using tokman::Result;
using tokman::SecretBytes;

namespace {

struct Nothing {};

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }
int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(Nothing, secret_bytes_hold_what_they_were_given) {
  const SecretBytes secret("hush");
  assert_true(secret.reveal() == "hush");
  assert_int_equal(secret.size(), 4);
}

TEST(Nothing, secret_bytes_are_joined_without_a_gap) {
  assert_true(SecretBytes::concat({"a", "", "bc"}).reveal() == "abc");
}

TEST(Nothing, moved_secret_bytes_leave_nothing_behind) {
  SecretBytes from("hush");
  const SecretBytes to(std::move(from));
  assert_true(from.empty());  // NOLINT(bugprone-use-after-move): what this test is about.
  assert_true(to.reveal() == "hush");
}

TEST(Nothing, secret_bytes_may_be_moved_onto_themselves) {
  SecretBytes secret("hush");
  SecretBytes& same = secret;
  secret = std::move(same);
  assert_true(secret.reveal() == "hush");
}

TEST(Nothing, wiped_memory_is_zero) {
  char memory[8] = "hush";
  tokman::wipe_memory(memory, 5);
  assert_true(std::string(memory, 5) == std::string(5, '\0'));
}

TEST(Nothing, only_equal_bytes_compare_equal) {
  assert_true(tokman::equal_in_constant_time("hush", "hush"));
  assert_true(tokman::equal_in_constant_time("", ""));
  assert_false(tokman::equal_in_constant_time("hush", "husH"));
  assert_false(tokman::equal_in_constant_time("hush", "hush!"));
}

TEST(Nothing, a_descriptor_is_closed_with_its_owner) {
  const int number = open_null();
  { const Fd fd(number); }
  assert_false(is_open(number));
}

TEST(Nothing, a_moved_descriptor_is_closed_once_by_its_new_owner) {
  const int number = open_null();
  Fd from(number);
  Fd to(std::move(from));
  assert_false(from.valid());  // NOLINT(bugprone-use-after-move): what this test is about.
  assert_int_equal(to.get(), number);
  to = Fd(open_null());
  assert_false(is_open(number));
}

TEST(Nothing, a_released_descriptor_stays_open) {
  Fd fd(open_null());
  const int number = fd.release();
  fd.reset();
  assert_true(is_open(number));
  ::close(number);
}

TEST(Nothing, a_result_is_a_value_or_an_error) {
  const Result<int> good(7);
  const Result<int> bad(Error{TOKMAN_E_NOT_FOUND, "no such file"});
  assert_true(good.ok());
  assert_int_equal(good.value(), 7);
  assert_false(bad.ok());
  assert_int_equal(bad.error().code, TOKMAN_E_NOT_FOUND);
}

TEST(Nothing, what_was_being_done_is_put_before_an_error) {
  const Error error = within("reading the key", Error{TOKMAN_E_NOT_FOUND, "no such file"});
  assert_string_equal(error.message.c_str(), "reading the key: no such file");
  assert_int_equal(error.code, TOKMAN_E_NOT_FOUND);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, secret_bytes_hold_what_they_were_given),
      RUN(Nothing, secret_bytes_are_joined_without_a_gap),
      RUN(Nothing, moved_secret_bytes_leave_nothing_behind),
      RUN(Nothing, secret_bytes_may_be_moved_onto_themselves),
      RUN(Nothing, wiped_memory_is_zero),
      RUN(Nothing, only_equal_bytes_compare_equal),
      RUN(Nothing, a_descriptor_is_closed_with_its_owner),
      RUN(Nothing, a_moved_descriptor_is_closed_once_by_its_new_owner),
      RUN(Nothing, a_released_descriptor_stays_open),
      RUN(Nothing, a_result_is_a_value_or_an_error),
      RUN(Nothing, what_was_being_done_is_put_before_an_error),
  };
  return cmocka_run_group_tests_name("owners", tests, nullptr, nullptr);
}
