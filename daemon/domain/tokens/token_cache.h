#pragma once
// The tokens in memory, by key: a bounded number, the ones not asked for lately go first.
//
// Sessions keep a shared_ptr to an entry to answer the same request again without looking it up;
// `is_current` tells them when the entry has left the cache. Renewal replaces `token` in place.
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/domain/github/host_clock.h"
#include "daemon/domain/tokens/ready_token.h"

namespace tokman {

struct CacheEntry {
  std::string key;
  std::string app;
  std::string target;  // For people: "octo-org/hello-world".
  std::int64_t installation_id = 0;

  const HostClock* clock = nullptr;   // Of its server: what the token's times are by.
  std::unique_ptr<ReadyToken> token;  // Never none while the entry is in the cache.
  UnixTime renew_at{};                // When renewal is due, if it is in use then.
  bool is_current = true;             // Still in the cache.
  bool is_used = false;               // Given out since it was minted: worth renewing.
  bool was_asked = false;             // Asked for since eviction last looked.
  bool renews_on_use = false;         // Renewal was due while no one asked, or has failed.
  Instant failing_until{};            // GitHub has just failed in passing: do not wait for it.
  Instant renew_not_before{};         // A renewal has just failed: leave GitHub alone.
};
using CacheEntryPtr = std::shared_ptr<CacheEntry>;

class TokenCache {
 public:
  explicit TokenCache(std::size_t entries_max) : entries_max_(entries_max) {}

  // Called for a token that is no longer given out: replaced, expired or evicted.
  using TokenEnded = std::function<void(const CacheEntry&, std::string_view reason)>;
  void on_token_ended(TokenEnded callback) { token_ended_ = std::move(callback); }

  CacheEntryPtr find(std::string_view key) const;

  // REQUIRES: entry.key is not in the cache. May evict another entry.
  void insert(CacheEntryPtr entry);

  void replace_token(CacheEntry& entry, std::unique_ptr<ReadyToken> token);
  void drop(std::string_view key, std::string_view reason);
  void drop_if(const std::function<bool(const CacheEntry&)>& is_doomed, std::string_view reason);

  std::size_t size() const { return by_key_.size(); }
  void set_entries_max(std::size_t entries_max) { entries_max_ = entries_max; }
  void for_each(const std::function<void(const CacheEntry&)>& visit) const;

 private:
  using Order = std::list<CacheEntryPtr>;

  void evict_one();
  void remove(Order::iterator position, std::string_view reason);

  std::size_t entries_max_;
  TokenEnded token_ended_;
  Order order_;  // The next candidate for eviction first.
  std::unordered_map<std::string_view, Order::iterator> by_key_;  // Views into the entries.
};

}  // namespace tokman
