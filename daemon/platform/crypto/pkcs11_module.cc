// OpenSSL 3 calls engines deprecated; but Debian 12 has libp11's engine, and no provider.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "daemon/platform/crypto/pkcs11_module.h"

#include <dlfcn.h>
#include <openssl/engine.h>
#include <openssl/ui.h>

namespace tokman {
namespace {

Error unusable(const std::string& what) {
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, what + ": " + take_openssl_error()};
}

bool command(ENGINE* engine, const char* name, const char* value) {
  return ENGINE_ctrl_cmd_string(engine, name, value, 0) == 1;
}

}  // namespace

void Pkcs11Module::FreeEngine::operator()(ENGINE* engine) const noexcept {
  ENGINE_finish(engine);
  ENGINE_free(engine);
}

Result<Pkcs11Module> Pkcs11Module::load(const std::string& path) {
  // Left to itself, the engine would load it when the first key is opened. It stays loaded.
  if (::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    return Error{TOKMAN_E_SECRET_UNAVAILABLE, ::dlerror()};
  }
  OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, nullptr);
  ENGINE* engine = ENGINE_by_id("pkcs11");
  if (engine == nullptr) {
    return unusable("OpenSSL has no engine for PKCS#11; install libengine-pkcs11-openssl");
  }
  if (!command(engine, "MODULE_PATH", path.c_str()) || ENGINE_init(engine) != 1) {
    ENGINE_free(engine);
    return unusable("OpenSSL's engine for PKCS#11 cannot be used");
  }
  return Pkcs11Module(EnginePtr(engine));
}

Result<RsaKey> Pkcs11Module::open(const std::string& uri, const SecretBytes& pin) const {
  const SecretBytes text = SecretBytes::concat({pin.reveal(), std::string_view("\0", 1)});
  if (!command(engine_.get(), "PIN", text.reveal().data())) return unusable("the PIN is not taken");
  auto* nobody = const_cast<UI_METHOD*>(UI_null());  // It is not written to.
  OpenSslPtr<EVP_PKEY> key(ENGINE_load_private_key(engine_.get(), uri.c_str(), nobody, nullptr));
  if (!key) return unusable("there is no such key, or the PIN is wrong");
  return RsaKey::of(std::move(key));
}

}  // namespace tokman
