#include "daemon/platform/crypto/aead.h"

#include <openssl/rand.h>

#include <cassert>
#include <limits>
#include <new>

namespace tokman {
namespace {

constexpr std::size_t kAround = kAeadNonceBytes + kAeadTagBytes;
constexpr std::size_t kBytesMax = std::numeric_limits<int>::max() - kAround;

const unsigned char* in(const char* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
unsigned char* out(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

OpenSslPtr<EVP_CIPHER_CTX> copy_of(const OpenSslPtr<EVP_CIPHER_CTX>& context) {
  OpenSslPtr<EVP_CIPHER_CTX> copy(EVP_CIPHER_CTX_new());
  if (!copy || EVP_CIPHER_CTX_copy(copy.get(), context.get()) != 1) throw std::bad_alloc();
  return copy;
}

}  // namespace

Aead::Aead(const SecretBytes& key)
    : sealing_(EVP_CIPHER_CTX_new()), opening_(EVP_CIPHER_CTX_new()) {
  assert(key.size() == kAeadKeyBytes);
  const OpenSslPtr<EVP_CIPHER> cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  const unsigned char* bytes = in(key.reveal().data());
  if (!cipher || !sealing_ || !opening_ ||
      EVP_EncryptInit_ex2(sealing_.get(), cipher.get(), bytes, nullptr, nullptr) != 1 ||
      EVP_DecryptInit_ex2(opening_.get(), cipher.get(), bytes, nullptr, nullptr) != 1) {
    throw std::bad_alloc();  // The one failure left; it ends the process.
  }
  unused_ = copy_of(opening_);
}

Result<std::string> Aead::seal(const SecretBytes& plain, std::string_view associated_data) {
  if (plain.size() > kBytesMax || associated_data.size() > kBytesMax) {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "too long to be sealed"};
  }
  std::string sealed(plain.size() + kAround, '\0');
  unsigned char* const nonce = out(sealed.data());
  unsigned char* const text = nonce + kAeadNonceBytes;
  unsigned char* const tag = text + plain.size();
  const std::string_view bytes = plain.reveal();
  int written = 0;
  const std::lock_guard turn(sealing_turn_);
  EVP_CIPHER_CTX* const context = sealing_.get();
  if (RAND_bytes(nonce, kAeadNonceBytes) == 1 &&
      EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
      EVP_EncryptUpdate(context, nullptr, &written, in(associated_data.data()),
                        static_cast<int>(associated_data.size())) == 1 &&
      EVP_EncryptUpdate(context, text, &written, in(bytes.data()),
                        static_cast<int>(bytes.size())) == 1 &&
      EVP_EncryptFinal_ex(context, tag, &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, tag) == 1) {
    return sealed;
  }
  return Error{TOKMAN_E_INTERNAL, "sealing: " + take_openssl_error()};
}

Result<SecretBytes> Aead::open(std::string_view sealed, std::string_view associated_data) {
  const Error not_ours{TOKMAN_E_STORE, "it was changed, moved, or sealed with another key"};
  if (sealed.size() < kAround || sealed.size() > kBytesMax || associated_data.size() > kBytesMax) {
    return not_ours;
  }
  SecretBytes plain = SecretBytes::with_size(sealed.size() - kAround);
  std::string tag(sealed.substr(sealed.size() - kAeadTagBytes));  // OpenSSL wants it writable.
  const unsigned char* const nonce = in(sealed.data());
  int written = 0;
  // Whoever has its turn may be waiting for a processor, and the loop must not wait for that.
  const std::unique_lock turn(opening_turn_, std::try_to_lock);
  const auto own = turn ? nullptr : copy_of(unused_);
  EVP_CIPHER_CTX* const context = turn ? opening_.get() : own.get();
  if (EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
      EVP_DecryptUpdate(context, nullptr, &written, in(associated_data.data()),
                        static_cast<int>(associated_data.size())) == 1 &&
      EVP_DecryptUpdate(context, out(plain.writable()), &written, nonce + kAeadNonceBytes,
                        static_cast<int>(plain.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context, out(tag.data()), &written) == 1) {
    return plain;
  }
  take_openssl_error();
  return not_ours;
}

}  // namespace tokman
