#pragma once
// Secrets that tokman-fetcher fetches for this process, which has no network itself.
//
// Every place is asked for when it is first read, and again when its answer is older than the
// refresh interval (after an error: 15 s at most). Only a first answer is waited for, and only for
// 3 s after begin(); otherwise read() gives what was last answered, value or error, at once. Who
// wants to keep the last good value through an error does so (daemon/signer/app_keys.h).
//
// On the socket, which keeps packets apart, a request is the text of the place. The answer is one
// byte, kSecretFollows or kErrorFollows, and then the secret or why there is none. Answers come in
// the order of the requests.
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr char kSecretFollows = '+';
inline constexpr char kErrorFollows = '-';

// Those places of the apps' keys and secrets that cannot be read on this host alone.
std::vector<std::string> fetched_places(const Config& config);

class FetchedSecrets {
 public:
  // REQUIRES: clock outlives this object.
  explicit FetchedSecrets(const Clock& clock) : clock_(clock) {}

  // The socket to the fetcher. Without one, every read() says what to do about it.
  void use(Fd fetcher) { fetcher_ = std::move(fetcher); }

  // Forgets what this configuration does not name, and asks for what is not known yet.
  void begin(const Config& config);

  Result<SecretBytes> read(const std::string& place);

 private:
  struct Entry {
    std::optional<Result<SecretBytes>> answer;
    Instant due = Instant::min();  // When it is to be asked for again.
    bool asked = false;            // And not answered.
  };

  void ask_if_due(const std::string& place, Entry& entry);
  void wait_for(const Entry& entry);
  bool take_answer();
  void lose_fetcher();

  const Clock& clock_;
  Fd fetcher_;
  std::chrono::milliseconds refresh_interval_{};
  Instant patience_ends_ = Instant::min();
  std::map<std::string, Entry> entries_;
  std::deque<std::string> asked_;  // In the order in which answers will come.
};

}  // namespace tokman
