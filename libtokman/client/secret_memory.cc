#include "libtokman/client/secret_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "libtokman/base/secret_bytes.h"

namespace tokman {
namespace {

constexpr std::size_t kSlotBytes = 1024;  // GitHub's tokens have 40 to some 500 characters.
constexpr int kSlotCount = 64;

char* map_pages(std::size_t size) {
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) throw std::bad_alloc();
  madvise(data, size, MADV_DONTDUMP);
  return static_cast<char*>(data);
}

}  // namespace

SecretPages::SecretPages(std::size_t size) : size_(size), data_(map_pages(size)) {}

// The kernel hands out no page again before it has cleared it.
SecretPages::~SecretPages() { munmap(data_, size_); }

void SecretPages::grow(std::size_t size) {
  void* data = mremap(data_, size_, size, MREMAP_MAYMOVE);
  if (data == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<char*>(data);
  size_ = size;
}

SecretSlots::SecretSlots(std::size_t slot_bytes, int count)
    : pages_(slot_bytes * static_cast<std::size_t>(count)),
      slot_bytes_(slot_bytes),
      free_(~std::uint64_t{0} >> (64 - count)) {}

char* SecretSlots::take() {
  const int slot = std::countr_zero(free_);
  free_ &= free_ - 1;
  return pages_.data() + slot_bytes_ * static_cast<std::size_t>(slot);
}

void SecretSlots::give_back(char* slot) {
  wipe_memory(slot, slot_bytes_);
  free_ |= std::uint64_t{1} << (static_cast<std::size_t>(slot - pages_.data()) / slot_bytes_);
}

SecretText::SecretText(std::shared_ptr<SecretSlots> slots, std::string_view text)
    : slots_(std::move(slots)), slot_(slots_->take()) {
  *std::copy(text.begin(), text.end(), slot_) = '\0';
}

SecretText::~SecretText() {
  if (slots_ != nullptr) slots_->give_back(slot_);
}

SecretText SecretPool::keep(std::string_view text) {
  if (text.size() >= kSlotBytes) {
    return SecretText(std::make_shared<SecretSlots>(text.size() + 1, 1), text);
  }
  if (slots_ == nullptr || slots_->is_full()) {
    slots_ = std::make_shared<SecretSlots>(kSlotBytes, kSlotCount);
  }
  return SecretText(slots_, text);
}

}  // namespace tokman
