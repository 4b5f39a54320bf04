#include "daemon/domain/tokens/token_cache.h"

#include <utility>

namespace tokman {

CacheEntryPtr TokenCache::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : *found->second;
}

void TokenCache::insert(CacheEntryPtr entry) {
  while (!order_.empty() && order_.size() >= entries_max_) evict_one();
  order_.push_back(std::move(entry));
  by_key_.emplace(order_.back()->key, std::prev(order_.end()));
}

void TokenCache::replace_token(CacheEntry& entry, std::unique_ptr<ReadyToken> token) {
  if (entry.token && token_ended_) token_ended_(entry, "renewed");
  entry.token = std::move(token);
  entry.is_used = false;
  entry.renews_on_use = false;
}

void TokenCache::drop(std::string_view key, std::string_view reason) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) remove(found->second, reason);
}

void TokenCache::drop_if(const std::function<bool(const CacheEntry&)>& is_doomed,
                         std::string_view reason) {
  std::vector<std::string> keys;
  for (const CacheEntryPtr& entry : order_) {
    if (is_doomed(*entry)) keys.push_back(entry->key);
  }
  for (const std::string& key : keys) drop(key, reason);
}

void TokenCache::for_each(const std::function<void(const CacheEntry&)>& visit) const {
  for (const CacheEntryPtr& entry : order_) visit(*entry);
}

// Second chance: who was asked for since the last look goes to the end of the line.
void TokenCache::evict_one() {
  while (std::exchange(order_.front()->was_asked, false)) {
    order_.splice(order_.end(), order_, order_.begin());
  }
  remove(order_.begin(), "evicted");
}

void TokenCache::remove(Order::iterator position, std::string_view reason) {
  const CacheEntryPtr entry = *position;
  by_key_.erase(entry->key);
  order_.erase(position);
  entry->is_current = false;
  if (entry->token && token_ended_) token_ended_(*entry, reason);
}

}  // namespace tokman
