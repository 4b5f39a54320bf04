#pragma once
// Bytes that must not be copied, printed, compared or left behind.
//
// The memory is wiped when the object goes. It is allocated once and never grown, because growing
// would leave a copy behind. No log field can be made from it: a log names a token by fingerprint.
#include <cstddef>
#include <memory>
#include <string_view>

namespace tokman {

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::string_view plain);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { wipe(); }

  // `size` zero bytes, to be filled through writable().
  static SecretBytes with_size(std::size_t size);
  // The parts one after the other, without a temporary.
  static SecretBytes concat(std::initializer_list<std::string_view> parts);

  // The only way out. Every use is found by searching for this word.
  std::string_view reveal() const { return {bytes_.get(), size_}; }
  char* writable() { return bytes_.get(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  bool operator==(const SecretBytes&) const = delete;  // Use equal_in_constant_time().

 private:
  void wipe() noexcept;

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

// Takes as long for equal as for unequal bytes of the same length.
bool equal_in_constant_time(std::string_view left, std::string_view right);

// Overwrites memory in a way that the compiler cannot leave out.
void wipe_memory(void* memory, std::size_t size);

}  // namespace tokman
