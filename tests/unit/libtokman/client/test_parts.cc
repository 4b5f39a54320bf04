// The client's small parts: the request, memory for secrets, pauses, deadlines, fork detection.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "libtokman/client/backoff.h"
#include "libtokman/client/fork_detector.h"
#include "libtokman/client/request.h"
#include "libtokman/client/secret_memory.h"
#include "tests/support/cmocka_cpp.h"

using tokman::Backoff;
using tokman::Deadline;
using tokman::Request;
using tokman::SecretPages;
using tokman::SecretPool;
using tokman::SecretText;

namespace {

struct Nothing {};

// The flags that the kernel has for the mapping at an address, such as "rd wr dd".
std::string flags_of_mapping(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream mappings("/proc/self/smaps");
  bool is_inside = false;
  for (std::string line; std::getline(mappings, line);) {
    unsigned long begin = 0, end = 0;
    if (sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      is_inside = begin <= wanted && wanted < end;
    }
    if (is_inside && line.starts_with("VmFlags:")) return line;
  }
  return "";
}

TEST(Nothing, a_request_for_a_target_names_the_target_only) {
  const std::string frame = Request("octo-org").frame();
  assert_string_equal(
      frame.c_str(),
      R"({"method":"io.tokman.GitHub.GetToken","parameters":{"target":"octo-org"}})");
  assert_int_equal(frame.back(), '\0');
}

TEST(Nothing, a_request_names_all_that_was_chosen) {
  Request request("octo-org");
  request.set_app("ci");
  request.add_repository("a");
  request.add_repository("b");
  request.add_permission("contents", TOKMAN_ACCESS_READ);
  request.add_permission("issues", TOKMAN_ACCESS_WRITE);
  request.add_permission("members", TOKMAN_ACCESS_ADMIN);
  request.set_min_lifetime_s(600);
  request.set_priority(100);
  request.set_rejected("ZmluZ2Vy");
  request.set_exclusive(true);
  assert_string_equal(
      request.frame().c_str(),
      R"({"method":"io.tokman.GitHub.GetToken","parameters":{"target":"octo-org","app":"ci",)"
      R"("permissions":{"contents":"read","issues":"write","members":"admin"},)"
      R"("repositories":["a","b"],"min_lifetime":600,)"
      R"("priority":100,"rejected":"ZmluZ2Vy","exclusive":true}})");
}

TEST(Nothing, a_request_that_was_rendered_may_still_be_changed) {
  Request request("octo-org");
  (void)request.frame();
  request.set_min_lifetime_s(600);
  assert_true(request.frame().find("600") != std::string::npos);
}

TEST(Nothing, a_rejection_names_which_token_it_was) {
  Request request("octo-org");
  request.set_app("ci");
  request.set_min_lifetime_s(600);
  assert_string_equal(request.rejection_frame("ZmluZ2Vy").c_str(),
                      R"({"method":"io.tokman.GitHub.ReportRejected","parameters":)"
                      R"({"target":"octo-org","app":"ci","fingerprint":"ZmluZ2Vy"}})");
}

TEST(Nothing, a_request_is_rendered_once) {
  const Request request("octo-org");
  assert_ptr_equal(request.frame().data(), request.frame().data());
}

TEST(Nothing, secret_text_is_kept_out_of_core_dumps) {
  SecretPool pool;
  const SecretText small = pool.keep("hush"), large = pool.keep(std::string(4096, 'x'));
  assert_true(flags_of_mapping(small.reveal()).find(" dd") != std::string::npos);
  assert_true(flags_of_mapping(large.reveal()).find(" dd") != std::string::npos);
}

TEST(Nothing, secret_pages_that_grew_keep_their_bytes_and_stay_out_of_core_dumps) {
  SecretPages pages(4096);
  pages.data()[0] = 'x';
  pages.grow(1 << 20);
  assert_int_equal(pages.data()[0], 'x');
  assert_true(flags_of_mapping(pages.data() + 4096).find(" dd") != std::string::npos);
}

TEST(Nothing, secret_text_is_wiped_when_it_goes) {
  SecretPool pool;
  const SecretText keeps_the_pages = pool.keep("other");
  const char* where = nullptr;
  {
    const SecretText secret = pool.keep("hush");
    where = secret.reveal();
    assert_string_equal(where, "hush");
  }
  assert_memory_equal(where, "\0\0\0\0", 4);
}

TEST(Nothing, a_slot_that_was_given_back_is_used_again) {
  SecretPool pool;
  const char* first = nullptr;
  {
    const SecretText secret = pool.keep("one");
    first = secret.reveal();
  }
  assert_ptr_equal(pool.keep("two").reveal(), first);
}

TEST(Nothing, secret_texts_outlive_their_pool_and_never_share_memory) {
  std::vector<SecretText> texts;
  {
    SecretPool pool;
    for (int i = 0; i < 200; ++i) texts.push_back(pool.keep(std::to_string(i)));
  }
  std::set<const char*> places;
  for (int i = 0; i < 200; ++i) {
    const char* text = texts[static_cast<std::size_t>(i)].reveal();
    assert_string_equal(text, std::to_string(i).c_str());
    places.insert(text);
  }
  assert_int_equal(places.size(), 200);
}

TEST(Nothing, pauses_double_up_to_half_a_second) {
  Backoff backoff;
  for (int due_ms : {10, 20, 40, 80, 160, 320, 500, 500}) {
    const int half_ms = due_ms / 2;
    const int pause_ms = backoff.next_ms(static_cast<std::uint64_t>(half_ms));  // The longest.
    assert_int_equal(pause_ms, due_ms);
  }
}

TEST(Nothing, pauses_are_never_shorter_than_half_of_what_is_due) {
  Backoff backoff;
  for (int due_ms : {10, 20, 40}) assert_int_equal(backoff.next_ms(0), due_ms / 2);
}

TEST(Nothing, there_is_no_pause_after_the_deadline) {
  const Deadline deadline = Deadline::in_ms(1);
  Backoff backoff;
  while (backoff.pause(deadline)) {
  }
  assert_int_equal(deadline.remaining_ms(), 0);
}

TEST(Nothing, no_limit_is_a_deadline_that_never_comes) {
  assert_int_equal(Deadline::in_ms(0).remaining_ms(), -1);
  assert_in_range(Deadline::in_ms(0).or_sooner(Deadline::in_ms(1000)).remaining_ms(), 1, 1000);
}

TEST(Nothing, a_child_knows_that_it_is_one_and_its_parent_that_it_is_none) {
  const tokman::ForkDetector detector;
  const pid_t child = fork();
  if (child == 0) _exit(detector.is_in_child() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
  assert_false(detector.is_in_child());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, a_request_for_a_target_names_the_target_only),
      RUN(Nothing, a_request_names_all_that_was_chosen),
      RUN(Nothing, a_request_that_was_rendered_may_still_be_changed),
      RUN(Nothing, a_rejection_names_which_token_it_was),
      RUN(Nothing, a_request_is_rendered_once),
      RUN(Nothing, secret_text_is_kept_out_of_core_dumps),
      RUN(Nothing, secret_pages_that_grew_keep_their_bytes_and_stay_out_of_core_dumps),
      RUN(Nothing, secret_text_is_wiped_when_it_goes),
      RUN(Nothing, a_slot_that_was_given_back_is_used_again),
      RUN(Nothing, secret_texts_outlive_their_pool_and_never_share_memory),
      RUN(Nothing, pauses_double_up_to_half_a_second),
      RUN(Nothing, pauses_are_never_shorter_than_half_of_what_is_due),
      RUN(Nothing, there_is_no_pause_after_the_deadline),
      RUN(Nothing, no_limit_is_a_deadline_that_never_comes),
      RUN(Nothing, a_child_knows_that_it_is_one_and_its_parent_that_it_is_none),
  };
  return cmocka_run_group_tests_name("client parts", tests, nullptr, nullptr);
}
