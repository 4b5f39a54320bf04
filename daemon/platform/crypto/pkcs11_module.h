#pragma once
// A PKCS#11 module (a smart card's, an HSM's), through OpenSSL's engine "pkcs11" of libp11.
//
// The keys it opens sign, but are never in this process, unless the module keeps them here itself.
// What it is loaded from is code: it must be loaded before a sandbox shuts. One module per process,
// because the engine has one.
#include <memory>
#include <string>

#include "daemon/platform/crypto/rsa_key.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

struct engine_st;

namespace tokman {

class Pkcs11Module {
 public:
  // `path` is the module's shared library.
  static Result<Pkcs11Module> load(const std::string& path);

  // `uri` is of RFC 7512, without its query. Nobody is ever asked for the PIN; "" logs in without.
  Result<RsaKey> open(const std::string& uri, const SecretBytes& pin) const;

 private:
  struct FreeEngine {
    void operator()(engine_st* engine) const noexcept;
  };
  using EnginePtr = std::unique_ptr<engine_st, FreeEngine>;

  explicit Pkcs11Module(EnginePtr engine) : engine_(std::move(engine)) {}

  EnginePtr engine_;
};

}  // namespace tokman
