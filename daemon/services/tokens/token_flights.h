#pragma once
// The fetches in progress, one for each key at a time, and those who wait for them.
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/base/waiters.h"
#include "daemon/services/tokens/token_fetch.h"
#include "daemon/services/tokens/token_order.h"

namespace tokman {

// What a fetch tells those who wait for it.
struct FetchNews {
  CacheEntryPtr entry;        // None if the attempt failed, or has to wait.
  Error error;                // Then: why,
  bool goes_on = false;       // and whether another attempt follows.
  bool is_held = false;       // GitHub was not asked.
  bool is_discarded = false;  // It was minted, but must not be given out: ask again.
};

// What is being fetched.
struct TokenFlight {
  std::string key;
  TokenOrder order;
  std::int64_t installation_id = 0;
  bool is_outdated = false;  // GitHub was asked before something that ends what it may bring.
};

class TokenFlights {
 public:
  struct Events {
    std::function<void(const TokenFlight&, const Error&)> on_attempt_failed;  // Another follows.
    std::function<void(const TokenFlight&, const Error&)> on_failed;
    std::function<CacheEntryPtr(const TokenFlight&, MintedToken)> on_minted;  // Keeps it.
    // For a token that is outdated, or that was for one who has left.
    std::function<void(const TokenFlight&, MintedToken)> on_discarded;
  };

  // REQUIRES: what world refers to outlives this object.
  TokenFlights(const TokenFetch::World& world, Events events);
  ~TokenFlights();

  // Waits for the fetch of this key, which begins if there is none. It goes on, whatever fails in
  // passing, as long as someone wants it.
  [[nodiscard]] OperationPtr join(const std::string& key, const TokenOrder& order,
                                  Instant wanted_until,
                                  std::function<void(const FetchNews&)> callback);

  // Fetches it for nobody in particular: after everybody else, and for as long as it is of use.
  void start(const std::string& key, const TokenOrder& order, Instant wanted_until);

  // What GitHub was asked for already is discarded; those who wait for it, now or later, get the
  // next one.
  void outdate(const std::function<bool(const TokenFlight&)>& is_concerned);

  bool contains(const std::string& key) const { return flights_.contains(key); }
  void cancel_all();

 private:
  struct Flight;

  Flight& flight_for(const std::string& key, const TokenOrder& order, int priority,
                     Instant wanted_until);
  void begin(Flight& flight, int priority, Instant wanted_until);
  void on_attempt_failed(Flight& flight, const Error& error);
  void on_turned_away(const std::string& key, const Error& error);
  void on_finished(const std::string& key, Result<MintedToken> minted);

  TokenFetch::World world_;
  Events events_;
  std::map<std::string, std::unique_ptr<Flight>> flights_;  // By key.
};

}  // namespace tokman
