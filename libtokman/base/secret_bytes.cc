#include "libtokman/base/secret_bytes.h"

#include <string.h>

#include <algorithm>
#include <utility>

namespace tokman {

SecretBytes::SecretBytes(std::string_view plain) : SecretBytes(with_size(plain.size())) {
  std::copy(plain.begin(), plain.end(), bytes_.get());
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

SecretBytes SecretBytes::with_size(std::size_t size) {
  SecretBytes secret;
  secret.bytes_ = std::make_unique<char[]>(size);
  secret.size_ = size;
  return secret;
}

SecretBytes SecretBytes::concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  SecretBytes secret = with_size(size);
  char* end = secret.bytes_.get();
  for (std::string_view part : parts) end = std::copy(part.begin(), part.end(), end);
  return secret;
}

void SecretBytes::wipe() noexcept {
  if (size_ != 0) wipe_memory(bytes_.get(), size_);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference |= static_cast<unsigned char>(left[i] ^ right[i]);
    asm volatile("" : "+r"(difference));  // Keeps the compiler from stopping early.
  }
  return difference == 0;
}

void wipe_memory(void* memory, std::size_t size) { explicit_bzero(memory, size); }

}  // namespace tokman
