#pragma once
// The apps of the configuration with their private keys and webhook secrets in memory.
//
// Each is read again from its place as often as refresh() is called, and never gets worse by that:
// where nothing usable is found, the last good value stays, and the error says why. A key that was
// replaced can still sign until drop_replaced_keys(), because GitHub may not know its successor
// yet.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/domain/config/config.h"
#include "daemon/platform/crypto/rsa_key.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// What a place of the configuration, such as "file:/etc/tokman/ci.pem", last led to.
template <class Secret>
struct Kept {
  std::string location;
  std::optional<Secret> value;
  std::string error = {};  // Why the place gives none now; "" if it does.
};

struct SigningApp {
  std::string name;
  std::int64_t app_id = 0;
  std::string client_id;
  std::vector<Kept<RsaKey>> keys;          // In the order of the configuration.
  std::vector<RsaKey> replaced;            // The newest last; kReplacedMax at most.
  std::vector<Kept<SecretBytes>> secrets;  // For webhooks, in the order of the configuration.

  static constexpr std::size_t kReplacedMax = 4;

  // The one of this fingerprint, or for "" the first that can sign; nullptr if there is none.
  const RsaKey* find_key(std::string_view fingerprint) const;
};

class AppKeys {
 public:
  using SecretReader = std::function<Result<SecretBytes>(const std::string& location)>;
  // For "pkcs11:…". Such a key is opened once: it is the token's, and cannot change.
  using TokenKeyOpener = std::function<Result<RsaKey>(const std::string& location)>;

  // REQUIRES: log outlives this object; open_token_key is given if a key is in a token.
  AppKeys(Log& log, SecretReader read_secret, TokenKeyOpener open_token_key = {})
      : log_(log),
        read_secret_(std::move(read_secret)),
        open_token_key_(std::move(open_token_key)) {}

  // Takes over the apps of a configuration, and reads what is theirs. Keys that an app had and that
  // are not configured any more count as replaced.
  void configure(const std::vector<AppConfig>& apps);

  void refresh();
  void drop_replaced_keys(std::string_view app);

  const SigningApp* find(std::string_view name) const;
  const std::vector<SigningApp>& apps() const { return apps_; }

 private:
  SigningApp take_over(const AppConfig& config);
  void refresh_keys(SigningApp& app);
  Result<RsaKey> read_key(const std::string& location) const;
  void refresh_secrets(SigningApp& app);
  template <class Secret>
  void note_error(const SigningApp& app, std::string_view event, Kept<Secret>& kept,
                  const Error& error);

  Log& log_;
  SecretReader read_secret_;
  TokenKeyOpener open_token_key_;
  std::vector<SigningApp> apps_;
};

}  // namespace tokman
