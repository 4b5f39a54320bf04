#include "daemon/platform/crypto/ed25519_key.h"

#include "daemon/platform/crypto/pem_key.h"

namespace tokman {
namespace {

constexpr PemKind kEd25519{.type = "ED25519", .label = ""};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error failed(const char* doing) {
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, doing + (": " + take_openssl_error())};
}

}  // namespace

Result<Ed25519Key> Ed25519Key::load(const SecretBytes& pem) {
  Result<OpenSslPtr<EVP_PKEY>> key = read_pem_key(pem, kEd25519);
  if (!key.ok()) return key.error();
  return of(std::move(key).value());
}

Result<Ed25519Key> Ed25519Key::generate() {
  OpenSslPtr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return failed("making a key");
  return of(std::move(key));
}

Result<Ed25519Key> Ed25519Key::of(OpenSslPtr<EVP_PKEY> key) {
  std::string bytes(kEd25519PublicBytes, '\0');
  std::size_t size = bytes.size();
  auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
  if (EVP_PKEY_get_raw_public_key(key.get(), out, &size) != 1) return failed("reading a key");
  return Ed25519Key(std::move(key), std::move(bytes));
}

Result<std::string> Ed25519Key::sign(std::string_view text) const {
  const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::string signature(kEd25519SignatureBytes, '\0');
  std::size_t size = signature.size();
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), out, &size, bytes_of(text), text.size()) != 1) {
    return failed("signing");
  }
  return signature;
}

bool ed25519_signed(std::string_view public_key, std::string_view text,
                    std::string_view signature) {
  const OpenSslPtr<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()));
  const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool is_signed =
      key && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                       text.size()) == 1;
  if (!is_signed) (void)take_openssl_error();
  return is_signed;
}

}  // namespace tokman
