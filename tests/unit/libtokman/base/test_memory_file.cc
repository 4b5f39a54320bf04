#include "libtokman/base/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr std::size_t kMax = 100;

struct MemoryFile {
  Fd fd = make_memory_file(std::string_view("a\0b", 3)).value();

  Error refusal(int other) const { return memory_file_size(other, kMax).error(); }
};

TEST(MemoryFile, holds_exactly_the_bytes_it_was_made_of) {
  assert_int_equal(memory_file_size(fixture.fd.get(), kMax).value(), 3);
  assert_true(read_memory_file(fixture.fd.get(), 3).value() == std::string_view("a\0b", 3));
}

TEST(MemoryFile, may_be_empty) {
  const Fd empty = make_memory_file("").value();
  assert_int_equal(memory_file_size(empty.get(), kMax).value(), 0);
  assert_true(read_memory_file(empty.get(), 0).value().empty());
}

TEST(MemoryFile, cannot_be_changed_any_more) {
  assert_int_equal(pwrite(fixture.fd.get(), "x", 1, 0), -1);
  assert_int_equal(ftruncate(fixture.fd.get(), 1), -1);
  assert_int_equal(fcntl(fixture.fd.get(), F_ADD_SEALS, 0), -1);
}

TEST(MemoryFile, is_read_from_its_start_wherever_its_offset_is) {
  lseek(fixture.fd.get(), 0, SEEK_END);
  assert_int_equal(read_memory_file(fixture.fd.get(), 3).value().size(), 3);
}

TEST(MemoryFile, is_not_left_to_children) {
  assert_int_equal(fcntl(fixture.fd.get(), F_GETFD), FD_CLOEXEC);
}

TEST(MemoryFile, of_the_largest_size_is_taken_and_no_larger_one) {
  const Fd largest = make_memory_file(std::string(kMax, 'x')).value();
  assert_int_equal(memory_file_size(largest.get(), kMax).value(), kMax);
  const Fd larger = make_memory_file(std::string(kMax + 1, 'x')).value();
  assert_int_equal(fixture.refusal(larger.get()).code, TOKMAN_E_INVALID_ARGUMENT);
}

TEST(MemoryFile, that_shrinks_while_it_is_read_gives_what_is_left) {
  const Fd open(memfd_create("test", MFD_CLOEXEC));
  assert_int_equal(write(open.get(), "abc", 3), 3);
  assert_int_equal(ftruncate(open.get(), 1), 0);
  assert_true(read_memory_file(open.get(), 3).value() == "a");
}

TEST(MemoryFile, a_pipe_is_none) {
  int ends[2];
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  const Fd read_end(ends[0]), write_end(ends[1]);
  assert_int_equal(fixture.refusal(read_end.get()).code, TOKMAN_E_INVALID_ARGUMENT);
}

TEST(MemoryFile, a_device_is_none) {
  const Fd zero(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  assert_int_equal(fixture.refusal(zero.get()).code, TOKMAN_E_INVALID_ARGUMENT);
}

TEST(MemoryFile, that_may_not_be_read_is_an_error) {
  const std::string path = "/proc/self/fd/" + std::to_string(fixture.fd.get());
  const Fd no_access(open(path.c_str(), O_PATH | O_CLOEXEC));
  assert_int_equal(fixture.refusal(no_access.get()).code, TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(read_memory_file(no_access.get(), 3).error().code, TOKMAN_E_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(MemoryFile, holds_exactly_the_bytes_it_was_made_of),
      RUN(MemoryFile, may_be_empty),
      RUN(MemoryFile, cannot_be_changed_any_more),
      RUN(MemoryFile, is_read_from_its_start_wherever_its_offset_is),
      RUN(MemoryFile, is_not_left_to_children),
      RUN(MemoryFile, of_the_largest_size_is_taken_and_no_larger_one),
      RUN(MemoryFile, that_shrinks_while_it_is_read_gives_what_is_left),
      RUN(MemoryFile, a_pipe_is_none),
      RUN(MemoryFile, a_device_is_none),
      RUN(MemoryFile, that_may_not_be_read_is_an_error),
  };
  return cmocka_run_group_tests_name("memory_file", tests, nullptr, nullptr);
}
