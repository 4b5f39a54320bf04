// The allocator for libraries that handle secrets.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "libtokman/base/wiping_memory.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct WipingMemory {
  void* memory = wiping_malloc(16);
  ~WipingMemory() { wiping_free(memory); }
};

TEST(WipingMemory, what_grows_keeps_its_bytes) {
  std::memcpy(fixture.memory, "0123456789abcde", 16);
  fixture.memory = wiping_realloc(fixture.memory, 4096);
  assert_string_equal(static_cast<const char*>(fixture.memory), "0123456789abcde");
}

TEST(WipingMemory, what_shrinks_keeps_what_fits) {
  std::memcpy(fixture.memory, "0123456789abcde", 16);
  fixture.memory = wiping_realloc(fixture.memory, 4);
  assert_memory_equal(fixture.memory, "0123", 4);
}

TEST(WipingMemory, nothing_grows_into_something_new) {
  void* made = wiping_realloc(nullptr, 8);
  assert_non_null(made);
  wiping_free(made);
}

TEST(WipingMemory, a_copy_of_a_text_is_a_text_of_its_own) {
  char* copy = wiping_strdup("text");
  assert_string_equal(copy, "text");
  wiping_free(copy);
}

TEST(WipingMemory, cleared_memory_is_zero) {
  auto* cleared = static_cast<char*>(wiping_calloc(4, 8));
  for (int i = 0; i < 32; ++i) assert_int_equal(cleared[i], 0);
  wiping_free(cleared);
}

TEST(WipingMemory, more_than_there_can_be_is_refused_and_not_wrapped_round) {
  assert_null(wiping_malloc(SIZE_MAX));
  assert_null(wiping_calloc(SIZE_MAX / 2, 3));
}

TEST(WipingMemory, it_is_aligned_for_everything) {
  assert_int_equal(reinterpret_cast<std::uintptr_t>(fixture.memory) % alignof(std::max_align_t), 0);
}

TEST(WipingMemory, freeing_nothing_does_nothing) { wiping_free(nullptr); }

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(WipingMemory, what_grows_keeps_its_bytes),
      RUN(WipingMemory, what_shrinks_keeps_what_fits),
      RUN(WipingMemory, nothing_grows_into_something_new),
      RUN(WipingMemory, a_copy_of_a_text_is_a_text_of_its_own),
      RUN(WipingMemory, cleared_memory_is_zero),
      RUN(WipingMemory, more_than_there_can_be_is_refused_and_not_wrapped_round),
      RUN(WipingMemory, it_is_aligned_for_everything),
      RUN(WipingMemory, freeing_nothing_does_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
