#include "daemon/platform/http/body_buffer.h"

#include <algorithm>
#include <utility>

namespace tokman {
namespace {

constexpr std::size_t kFirstBytes = 4096;  // Most answers fit.

}  // namespace

bool BodyBuffer::append(std::string_view bytes) {
  if (bytes.size() > bytes_max_ - used_) return false;
  const std::size_t needed = used_ + bytes.size();
  if (needed > bytes_.size()) {
    SecretBytes larger = SecretBytes::with_size(std::max({needed, 2 * bytes_.size(), kFirstBytes}));
    std::copy_n(bytes_.writable(), used_, larger.writable());
    bytes_ = std::move(larger);
  }
  std::copy(bytes.begin(), bytes.end(), bytes_.writable() + used_);
  used_ = needed;
  return true;
}

SecretBytes BodyBuffer::take() {
  SecretBytes exact = SecretBytes::with_size(used_);
  std::copy_n(bytes_.writable(), used_, exact.writable());
  bytes_ = SecretBytes();
  used_ = 0;
  return exact;
}

}  // namespace tokman
