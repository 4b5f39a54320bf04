#pragma once
// One caller's wait for a token that is not there yet.
//
// The happy path: find the installation; join the fetch of the token; serve it.
//
// What can go wrong: the look-up fails in passing (again, after a pause); an attempt of the fetch
// fails (a token that still lives is served as stale, else go on waiting); the installation turns
// out to be gone (found anew, once: a reinstalled app has a new id); the token was rejected or
// revoked before it was there (join the next fetch); the repository cannot be reached (a look-up
// tells why); the caller's time is over (finish with what was last known). All end in finish().
// Destroying it cancels nothing but itself.
#include <functional>
#include <optional>
#include <string>

#include "daemon/domain/tokens/retry_policy.h"
#include "daemon/services/tokens/token_broker.h"

namespace tokman {

class TokenAsk final : public Operation {
 public:
  // REQUIRES: all references outlive this object.
  TokenAsk(TokenBroker& broker, InstallationDirectory& installations, const Clock& clock,
           Timers& timers, Random& random, TokenOrder order, TokenBroker::Callback callback);

  void start();

 private:
  void find_installation();
  void on_installation(const Result<Installation>& installation);
  void wait_for_token();
  void on_news(const FetchNews& news);
  void learn(const FetchNews& news);
  void on_failure(const FetchNews& news);
  void ask_why();
  void on_reason(const Result<Installation>& found);
  void on_timeout();
  void refuse(const Error& error);
  void finish(Result<Served> served);

  TokenBroker& broker_;
  InstallationDirectory& installations_;
  const Clock& clock_;
  Timers& timers_;
  Random& random_;
  TokenOrder order_;
  TokenBroker::Callback callback_;

  Instant deadline_{};
  OperationPtr timeout_;
  OperationPtr step_;
  std::string key_;  // "" until the installation is known.
  RetryPolicy lookup_retry_;
  bool has_rediscovered_ = false;
  std::optional<Error> last_error_;
};

}  // namespace tokman
