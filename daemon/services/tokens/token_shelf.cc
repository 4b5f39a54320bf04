#include "daemon/services/tokens/token_shelf.h"

#include <algorithm>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::chrono::hours kSweepEvery{1};

std::unique_ptr<ReadyToken> make_ready(const TokenOrder& order, const StoredToken& stored) {
  auto ready = std::make_unique<ReadyToken>();
  ready->answer = render_cached_answer({stored.token.reveal(), stored.expires_at, stored.minted_at,
                                        stored.fingerprint, order.app.name, stored.installation_id,
                                        stored.granted, stored.granted_repositories});
  ready->expires_at = stored.expires_at;
  ready->minted_at = stored.minted_at;
  ready->fingerprint = stored.fingerprint;
  return ready;
}

CacheEntryPtr make_entry(const std::string& key, const TokenOrder& order, const StoredToken& token,
                         const HostClock& clock) {
  auto entry = std::make_shared<CacheEntry>();
  entry->key = key;
  entry->app = order.app.name;
  entry->target = order.target();
  entry->installation_id = token.installation_id;
  entry->clock = &clock;
  entry->token = make_ready(order, token);
  return entry;
}

// Whatever the key names was asked for; what GitHub gave may be written with other letters.
bool is_concerned(const TokenSelection& selection, const CacheEntry& entry) {
  const auto identity = parse_token_key(entry.key);
  return identity && selection.concerns(entry.app, entry.installation_id, identity->repositories);
}

bool is_concerned(const TokenSelection& selection, const StoredToken& stored) {
  std::vector<std::string> names;
  for (const std::string& name : stored.granted_repositories) names.push_back(lower_case(name));
  return selection.concerns(stored.app, stored.installation_id, names);
}

}  // namespace

TokenShelf::TokenShelf(const World& world, std::size_t entries_max)
    : world_(world), cache_(entries_max) {
  cache_.on_token_ended([this](const CacheEntry& entry, std::string_view reason) {
    due_.drop(entry.key);
    world_.audit.token_ended(entry, reason);
  });
}

CacheEntryPtr TokenShelf::find_or_load(const std::string& key, const TokenOrder& order) {
  if (CacheEntryPtr entry = cache_.find(key)) return entry;
  Result<std::optional<StoredToken>> found = world_.store.find(key);
  if (!found.ok()) {
    world_.log.warning(
        "stored token dropped",
        {{"app", order.app.name}, {"target", order.target()}, {"error", found.error().message}});
    world_.store.drop(key);
    return nullptr;
  }
  if (!found.value()) return nullptr;
  const StoredToken& stored = *found.value();
  const HostClock& clock = world_.time.host(order.app.api_base);
  if (!may_serve_stale(stored.expires_at, clock.now())) return nullptr;
  return put_into_memory(key, order, stored);
}

CacheEntryPtr TokenShelf::keep(const std::string& key, const TokenOrder& order,
                               const StoredToken& token) {
  CacheEntryPtr entry = put_into_memory(key, order, token);
  world_.store.put(key, token);
  return entry;
}

CacheEntryPtr TokenShelf::put_into_memory(const std::string& key, const TokenOrder& order,
                                          const StoredToken& token) {
  CacheEntryPtr entry = cache_.find(key);
  if (entry) {
    cache_.replace_token(*entry, make_ready(order, token));
  } else {
    entry = make_entry(key, order, token, world_.time.host(order.app.api_base));
    cache_.insert(entry);
  }
  const auto renew_before =
      std::chrono::duration_cast<std::chrono::seconds>(order.app.renew_before);
  entry->renew_at = token.minted_at + renewal_age(token.expires_at - token.minted_at, renew_before,
                                                  world_.random.fraction());
  entry->renews_on_use = entry->renew_at <= entry->clock->now();  // Loaded late in its life.
  schedule(*entry);
  return entry;
}

CacheEntryPtr TokenShelf::make_exclusive(const std::string& key, const TokenOrder& order,
                                         const StoredToken& token) {
  CacheEntryPtr entry = make_entry(key, order, token, world_.time.host(order.app.api_base));
  entry->is_current = false;  // No session may give it out again.
  return entry;
}

void TokenShelf::drop(const TokenSelection& selection, std::string_view reason) {
  cache_.drop_if([&](const CacheEntry& entry) { return is_concerned(selection, entry); }, reason);
  world_.store.drop_if(
      [selection](const StoredToken& stored) { return is_concerned(selection, stored); });
}

void TokenShelf::drop(const std::string& key, std::string_view reason) {
  world_.store.drop(key);
  cache_.drop(key, reason);
}

CondemnedTokens TokenShelf::take_revoked(const std::function<bool(const CacheEntry&)>& is_revoked) {
  CondemnedTokens taken;
  cache_.for_each([&](const CacheEntry& entry) {
    if (is_revoked(entry)) taken.push_back(condemned(entry));
  });
  cache_.drop_if(is_revoked, "revoked");
  return taken;
}

void TokenShelf::renew_on_use(const TokenSelection& selection) {
  cache_.for_each([&](const CacheEntry& entry) {
    if (is_concerned(selection, entry)) cache_.find(entry.key)->renews_on_use = true;
  });
}

// ---- When each is due --------------------------------------------------------------------------

void TokenShelf::schedule(const CacheEntry& entry) {
  const UnixTime end = entry.token->expires_at - kDeadZone;
  due_.put(entry.key, entry.clock->when(entry.renews_on_use ? end : entry.renew_at));
  arm_timer();
}

void TokenShelf::arm_timer() {
  const auto next = due_.next_due();
  timer_ = next ? world_.timers.at(*next, [this] { on_due(); }) : nullptr;
}

void TokenShelf::on_due() {
  while (const auto key = due_.take_due(world_.clock.now())) {
    if (const CacheEntryPtr entry = cache_.find(*key)) on_entry_due(*entry);
  }
  arm_timer();
}

void TokenShelf::on_entry_due(CacheEntry& entry) {
  if (!may_serve_stale(entry.token->expires_at, entry.clock->now())) {
    return drop(std::string(entry.key), "expired");
  }
  entry.renews_on_use = true;  // Until a new token replaces this one.
  if (entry.is_used) renewal_due_(entry);
  schedule(entry);
}

void TokenShelf::reschedule(const std::string& api_base) {
  const HostClock& clock = world_.time.host(api_base);
  cache_.for_each([&](const CacheEntry& entry) {
    if (entry.clock == &clock) schedule(entry);
  });
}

void TokenShelf::sweep_store() {
  world_.store.drop_expired(world_.time.earliest());
  sweeping_ = world_.timers.at(world_.clock.now() + kSweepEvery, [this] { sweep_store(); });
}

void TokenShelf::stop() {
  timer_.reset();
  sweeping_.reset();
  cache_.for_each([this](const CacheEntry& entry) { world_.audit.token_ended(entry, "shutdown"); });
}

}  // namespace tokman
