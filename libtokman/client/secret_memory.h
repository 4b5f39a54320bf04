#pragma once
// Memory for secrets that an application holds: kept out of core dumps, wiped before it is reused.
//
// Telling the kernel so costs a system call and whole pages, which is too much for each token.
// So a pool asks once for many, and hands out slots. A slot keeps its pages alive: a token may
// outlive the client that it came from. All of one pool belongs to one thread at a time.
//
// Without memory, these throw std::bad_alloc, as `new` does.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tokman {

// Pages that no core dump shows.
class SecretPages {
 public:
  explicit SecretPages(std::size_t size);
  ~SecretPages();
  SecretPages(const SecretPages&) = delete;
  SecretPages& operator=(const SecretPages&) = delete;

  // Moves the pages where they do not fit; no copy stays behind.
  void grow(std::size_t size);

  char* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  char* data_;
};

// Pages in slots of one size, at most 64.
class SecretSlots {
 public:
  SecretSlots(std::size_t slot_bytes, int count);

  std::size_t slot_bytes() const { return slot_bytes_; }
  bool is_full() const { return free_ == 0; }
  char* take();  // REQUIRES: !is_full().
  void give_back(char* slot);

 private:
  SecretPages pages_;
  std::size_t slot_bytes_;
  std::uint64_t free_;  // Bit n: slot n is free.
};

// A secret text in a slot, wiped when it goes.
class SecretText {
 public:
  SecretText(std::shared_ptr<SecretSlots> slots, std::string_view text);
  SecretText(SecretText&& other) noexcept = default;
  SecretText& operator=(SecretText&&) = delete;
  ~SecretText();

  const char* reveal() const { return slot_; }  // NUL-terminated.

 private:
  std::shared_ptr<SecretSlots> slots_;
  char* slot_;
};

class SecretPool {
 public:
  SecretText keep(std::string_view text);

 private:
  std::shared_ptr<SecretSlots> slots_;  // The newest; older ones belong to their texts alone.
};

}  // namespace tokman
