#include "daemon/services/store/data_keys.h"

#include <cassert>
#include <iterator>
#include <mutex>
#include <optional>

#include "daemon/platform/crypto/openssl_random.h"

namespace tokman {
namespace {

constexpr std::size_t kNumberBytes = 4;
constexpr int kByteBits = 8;

std::string number_bytes(DataKeys::Number number) {
  std::string bytes(kNumberBytes, '\0');
  for (std::size_t i = kNumberBytes; i-- > 0; number >>= kByteBits) {
    bytes[i] = static_cast<char>(number & 255);
  }
  return bytes;
}

std::optional<DataKeys::Number> number_of(std::string_view sealed) {
  if (sealed.size() < kNumberBytes) return std::nullopt;
  DataKeys::Number number = 0;
  for (const char byte : sealed.substr(0, kNumberBytes)) {
    number = number << kByteBits | static_cast<unsigned char>(byte);
  }
  return number;
}

}  // namespace

SecretBytes DataKeys::make_key() {
  SecretBytes key = SecretBytes::with_size(kAeadKeyBytes);
  OpenSslRandom().fill(key.writable(), key.size());
  return key;
}

void DataKeys::add(Number number, const SecretBytes& key) {
  const std::unique_lock alone(changing_);
  assert(keys_.empty() || number > keys_.rbegin()->first);
  keys_.try_emplace(number, key);
}

void DataKeys::forget_older_than_newest() {
  const std::unique_lock alone(changing_);
  keys_.erase(keys_.begin(), std::prev(keys_.end()));
}

void DataKeys::clear() {
  const std::unique_lock alone(changing_);
  keys_.clear();
}

DataKeys::Number DataKeys::newest() const {
  const std::shared_lock lock(changing_);
  return keys_.empty() ? 0 : keys_.rbegin()->first;
}

bool DataKeys::has_older() const {
  const std::shared_lock lock(changing_);
  return keys_.size() > 1;
}

Result<std::string> DataKeys::seal(const SecretBytes& plain, std::string_view place) {
  const std::shared_lock lock(changing_);
  auto& [number, key] = *keys_.rbegin();
  Result<std::string> sealed = key.seal(plain, place);
  if (!sealed.ok()) return sealed;
  return number_bytes(number) + sealed.value();
}

Result<SecretBytes> DataKeys::open(std::string_view sealed, std::string_view place) {
  const std::shared_lock lock(changing_);
  const auto number = number_of(sealed);
  const auto key = number ? keys_.find(*number) : keys_.end();
  if (key == keys_.end()) return Error{TOKMAN_E_STORE, "the key that sealed it is not here"};
  return key->second.open(sealed.substr(kNumberBytes), place);
}

bool DataKeys::is_newest_of(std::string_view sealed) const {
  const auto number = number_of(sealed);
  return number && *number == newest();
}

}  // namespace tokman
