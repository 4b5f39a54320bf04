#pragma once
// The key that signs JWTs of clients: read from its place, or made here if there is none.
//
// One that was made here is nowhere else, and ends with this process. A former key signs nothing
// any more, but its public half is shown for as long as a JWT that it signed may live. Where the
// place gives no key at all, nothing is signed: one of our own would be no key that others know.
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/platform/crypto/ed25519_key.h"
#include "daemon/signer/app_keys.h"
#include "libtokman/base/result.h"

namespace tokman {

struct AccessKey {
  Ed25519Key key;
  std::string kid;  // Its thumbprint by RFC 7638.
};

struct PublicAccessKey {
  std::string kid;
  std::string bytes;
};

class AccessKeys {
 public:
  static constexpr std::size_t kFormerMax = 4;

  // REQUIRES: clock and log outlive this object.
  AccessKeys(const Clock& clock, Log& log, AppKeys::SecretReader read_secret)
      : clock_(clock), log_(log), read_secret_(std::move(read_secret)) {}

  // "": a key of our own.
  void configure(const std::string& location);

  // Reads the key again. What cannot be read stays as it is.
  void refresh();

  Result<const AccessKey*> current() const;

  // The current one, if there is one, and the former ones.
  std::vector<PublicAccessKey> public_keys() const;

 private:
  struct Former {
    PublicAccessKey key;
    UnixTime until;
  };

  Result<Ed25519Key> read() const;
  void use(Ed25519Key key);

  const Clock& clock_;
  Log& log_;
  AppKeys::SecretReader read_secret_;
  std::string location_;
  std::optional<AccessKey> current_;
  std::deque<Former> former_;  // The newest last.
  std::string error_;          // Why the place gives none now; "" if it does.
};

}  // namespace tokman
