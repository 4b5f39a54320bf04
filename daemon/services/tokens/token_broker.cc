#include "daemon/services/tokens/token_broker.h"

#include <fmt/format.h>

#include "daemon/domain/tokens/token_key.h"
#include "daemon/platform/crypto/digest.h"
#include "daemon/services/github/github_errors.h"
#include "daemon/services/tokens/token_ask.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRefusalsMax = 10'000;
constexpr std::chrono::seconds kFailingFor{30};
constexpr std::chrono::hours kSweepEvery{1};

std::int64_t installation_of(const std::string& key) {
  const auto identity = parse_token_key(key);
  return identity ? identity->installation_id : 0;
}

// Under which names refusals are remembered: the app, the target, the installation, the token.
std::string refusal_key(const TokenOrder& order, const std::string& key, tokman_error cause) {
  switch (cause) {
    case TOKMAN_E_UPSTREAM_AUTH:
      return "app:" + order.app.name;
    case TOKMAN_E_APP_NOT_INSTALLED:
      return "target:" + order.app.name + "/" + order.target();
    case TOKMAN_E_INSTALLATION_SUSPENDED:
      return "owner:" + order.app.name + "/" + order.owner;
    default:
      return key.empty() ? "target:" + order.app.name + "/" + order.target() : "token:" + key;
  }
}

// One cause of each name.
constexpr tokman_error kRefusalCauses[] = {TOKMAN_E_UPSTREAM_AUTH, TOKMAN_E_INSTALLATION_SUSPENDED,
                                           TOKMAN_E_APP_NOT_INSTALLED,
                                           TOKMAN_E_PERMISSION_NOT_GRANTED};

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

}  // namespace

std::string TokenBroker::key_of(const TokenOrder& order, std::int64_t installation_id) {
  return make_token_key(
      {order.app.api_base, order.app.name, installation_id, order.repositories, order.permissions});
}

std::string TokenOrder::target() const {
  return repositories.size() == 1 ? owner + "/" + repositories.front() : owner;
}

// One fetch in progress, for everyone who waits for its key.
struct TokenBroker::Flight {
  std::string key;
  TokenOrder order;
  std::int64_t installation_id = 0;
  Waiters<FetchNews> waiters;
  std::unique_ptr<TokenFetch> fetch;
};

TokenBroker::TokenBroker(const World& world, std::size_t cache_entries_max)
    : world_(world), cache_(cache_entries_max), refusals_(kRefusalsMax) {
  cache_.on_token_ended([this](const CacheEntry& entry, std::string_view reason) {
    due_.drop(entry.key);
    world_.audit.token_ended(entry, reason);
  });
}

TokenBroker::~TokenBroker() = default;

// ---- Serving -----------------------------------------------------------------------------------

std::optional<Result<Served>> TokenBroker::answer_now(const TokenOrder& order) {
  const auto installation = world_.installations.find(order.app, order.owner);
  const std::string key = installation ? key_of(order, installation->id) : "";
  const CacheEntryPtr entry = installation ? find_entry(key, order) : nullptr;
  if (entry && serve(*entry, order.life)) return Served{entry, TokenSource::cache};
  if (auto refusal = remembered_refusal(order, key)) return *refusal;
  if (!entry || world_.clock.now() >= entry->failing_until) return std::nullopt;
  auto stale = serve_stale(key);
  if (!stale) return std::nullopt;
  renew(*entry);
  return *stale;
}

OperationPtr TokenBroker::get(TokenOrder order, Callback callback) {
  auto ask = std::make_unique<TokenAsk>(*this, world_.installations, world_.clock, world_.timers,
                                        world_.random, std::move(order), std::move(callback));
  ask->start();
  return ask;
}

bool TokenBroker::serve(CacheEntry& entry, NeededLife needed) {
  const ReadyToken& token = *entry.token;
  if (!lives_long_enough(token.expires_at, token.minted_at, world_.clock.unix_now(), needed)) {
    return false;
  }
  entry.is_used = entry.was_asked = true;
  ++counts_.hits;
  if (entry.renews_on_use) renew(entry);
  return true;
}

std::optional<Served> TokenBroker::serve_stale(const std::string& key) {
  const CacheEntryPtr entry = cache_.find(key);
  if (!entry) return std::nullopt;
  if (!may_serve_stale(entry->token->expires_at, world_.clock.unix_now())) return std::nullopt;
  entry->is_used = entry->was_asked = true;
  ++counts_.stale_served;
  return Served{entry, TokenSource::stale};
}

CacheEntryPtr TokenBroker::find_entry(const std::string& key, const TokenOrder& order) {
  if (CacheEntryPtr entry = cache_.find(key)) return entry;
  return load_entry(key, order);
}

CacheEntryPtr TokenBroker::load_entry(const std::string& key, const TokenOrder& order) {
  if (remembered_refusal(order, key)) return nullptr;  // What it ended may still be on its way out.
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
  if (!may_serve_stale(stored.expires_at, world_.clock.unix_now())) return nullptr;
  return keep(key, order, make_ready(order, stored));
}

CacheEntryPtr TokenBroker::keep(const std::string& key, const TokenOrder& order,
                                std::unique_ptr<ReadyToken> token) {
  CacheEntryPtr entry = cache_.find(key);
  if (entry) {
    cache_.replace_token(*entry, std::move(token));
  } else {
    entry = std::make_shared<CacheEntry>();
    entry->key = key;
    entry->app = order.app.name;
    entry->target = order.target();
    entry->installation_id = installation_of(key);
    entry->token = std::move(token);
    cache_.insert(entry);
  }
  const ReadyToken& kept = *entry->token;
  const auto renew_before =
      std::chrono::duration_cast<std::chrono::seconds>(order.app.renew_before);
  entry->renew_at = kept.minted_at + renewal_age(kept.expires_at - kept.minted_at, renew_before,
                                                 world_.random.fraction());
  entry->renews_on_use = entry->renew_at <= world_.clock.unix_now();  // Loaded late in its life.
  schedule(*entry);
  return entry;
}

// ---- Refusals ----------------------------------------------------------------------------------

std::optional<Error> TokenBroker::remembered_refusal(const TokenOrder& order,
                                                     const std::string& key) const {
  for (const tokman_error cause : kRefusalCauses) {
    auto refusal = refusals_.find(refusal_key(order, key, cause), world_.clock.now());
    if (refusal) return refusal;
  }
  return std::nullopt;
}

void TokenBroker::remember_refusal(const TokenOrder& order, const std::string& key,
                                   const Error& error) {
  refusals_.remember(refusal_key(order, key, error.code),
                     Refusal{order.app.name, order.target(), error, {}}, world_.clock.now());
}

// ---- Fetching ----------------------------------------------------------------------------------

TokenBroker::Flight& TokenBroker::flight_for(const std::string& key, const TokenOrder& order,
                                             Instant wanted_until) {
  std::unique_ptr<Flight>& flight = flights_[key];
  if (flight) {
    flight->fetch->want_until(wanted_until);
    return *flight;
  }
  flight = std::make_unique<Flight>();
  flight->key = key;
  flight->order = order;
  flight->installation_id = installation_of(key);
  const TokenFetch::Events events{
      .on_attempt_failed =
          [this, &flight = *flight](const Error& error) { on_attempt_failed(flight, error); },
      .on_finished = [this,
                      key](Result<MintedToken> minted) { on_fetched(key, std::move(minted)); },
  };
  const TokenFetch::World world{world_.github, world_.clock, world_.timers, world_.random};
  const MintRequest request{flight->installation_id, order.repositories, order.permissions};
  flight->fetch = std::make_unique<TokenFetch>(world, order.app, request, events);
  flight->fetch->start(wanted_until);
  return *flight;
}

OperationPtr TokenBroker::join(const std::string& key, const TokenOrder& order,
                               Instant wanted_until,
                               std::function<void(const FetchNews&)> callback) {
  return flight_for(key, order, wanted_until).waiters.add(std::move(callback));
}

void TokenBroker::on_attempt_failed(Flight& flight, const Error& error) {
  note_failure(flight, error);
  flight.waiters.answer_all({.entry = nullptr, .error = error, .goes_on = true});
}

void TokenBroker::on_fetched(const std::string& key, Result<MintedToken> minted) {
  const std::unique_ptr<Flight> flight = std::move(flights_.extract(key).mapped());
  FetchNews news;
  if (minted.ok()) {
    news.entry = keep_minted(*flight, std::move(minted).value());
  } else {
    news.error = minted.error();
    on_fetch_failed(*flight, news.error);
  }
  flight->waiters.answer_all(news);
}

CacheEntryPtr TokenBroker::keep_minted(const Flight& flight, MintedToken minted) {
  StoredToken stored;
  stored.token = std::move(minted.text);
  stored.app = flight.order.app.name;
  stored.installation_id = flight.installation_id;
  stored.owner = flight.order.owner;
  stored.granted = std::move(minted.permissions);
  stored.granted_repositories = std::move(minted.repositories);
  stored.expires_at = minted.expires_at;
  stored.minted_at = world_.clock.unix_now();
  stored.fingerprint = token_fingerprint(stored.token.reveal());
  BrokerCounts::App& app = counts_.apps[stored.app];
  ++app.mints;
  app.last_error.clear();
  app.is_failing = false;
  for (const tokman_error cause : kRefusalCauses) {
    refusals_.forget(refusal_key(flight.order, flight.key, cause));
  }
  world_.log.info("token minted", {{"app", stored.app},
                                   {"target", flight.order.target()},
                                   {"permissions", flight.order.permissions.to_string()},
                                   {"installation", flight.installation_id},
                                   {"fingerprint", stored.fingerprint}});
  CacheEntryPtr entry = keep(flight.key, flight.order, make_ready(flight.order, stored));
  world_.store.put(flight.key, stored);
  return entry;
}

void TokenBroker::on_fetch_failed(const Flight& flight, const Error& error) {
  note_failure(flight, error);
  const bool is_dead =
      error.code == TOKMAN_E_INSTALLATION_SUSPENDED || error.code == TOKMAN_E_APP_NOT_INSTALLED;
  if (!is_dead) return;
  // GitHub does not accept any token of this installation now.
  cache_.drop_installation(flight.order.app.name, flight.installation_id, "installation-gone");
  world_.store.drop_installation(flight.order.app.name, flight.installation_id);
}

void TokenBroker::note_failure(const Flight& flight, const Error& error) {
  BrokerCounts::App& app = counts_.apps[flight.order.app.name];
  ++app.failures;
  app.last_error = describe(error);
  app.is_failing =
      tokman_error_is_retryable(error.code) == 1 || error.code == TOKMAN_E_UPSTREAM_AUTH;
  world_.log.warning("minting failed", {{"app", flight.order.app.name},
                                        {"target", flight.order.target()},
                                        {"error", app.last_error}});
  if (const CacheEntryPtr entry = cache_.find(flight.key)) {
    const auto pause = std::max<Instant::duration>(kFailingFor, error.retry_after.value_or(0ms));
    entry->renew_not_before = world_.clock.now() + pause;
    entry->renews_on_use = true;
    if (tokman_error_is_retryable(error.code) == 1) {
      entry->failing_until = world_.clock.now() + kFailingFor;
    }
  }
}

// ---- Renewing ----------------------------------------------------------------------------------

void TokenBroker::renew(const CacheEntry& entry) {
  const AppConfig* app = find_app_ ? find_app_(entry.app) : nullptr;
  auto identity = parse_token_key(entry.key);
  if (app == nullptr || !identity || flights_.contains(entry.key)) return;
  if (world_.clock.now() < entry.renew_not_before) return;
  TokenOrder order;
  order.app = *app;
  order.owner = entry.target.substr(0, entry.target.find('/'));
  order.repositories = std::move(identity->repositories);
  order.permissions = std::move(identity->permissions);
  if (remembered_refusal(order, entry.key)) return;
  flight_for(entry.key, order, world_.clock.now());  // Once: nobody waits, and the next use asks.
}

void TokenBroker::schedule(const CacheEntry& entry) {
  const UnixTime now = world_.clock.unix_now();
  const bool awaits_renewal = !entry.renews_on_use && entry.renew_at > now;
  const UnixTime due = awaits_renewal ? entry.renew_at : entry.token->expires_at - kDeadZone;
  due_.put(entry.key, world_.clock.now() + std::max(due - now, std::chrono::seconds(0)));
  arm_timer();
}

void TokenBroker::arm_timer() {
  const auto next = due_.next_due();
  timer_ = next ? world_.timers.at(*next, [this] { on_due(); }) : nullptr;
}

void TokenBroker::on_due() {
  while (const auto key = due_.take_due(world_.clock.now())) {
    if (const CacheEntryPtr entry = cache_.find(*key)) on_entry_due(*entry);
  }
  arm_timer();
}

void TokenBroker::on_entry_due(CacheEntry& entry) {
  if (!may_serve_stale(entry.token->expires_at, world_.clock.unix_now())) {
    world_.store.drop(entry.key);
    const std::string key = entry.key;
    return cache_.drop(key, "expired");
  }
  entry.renews_on_use = true;  // Until a new token replaces this one.
  if (entry.is_used) renew(entry);
  schedule(entry);
}

void TokenBroker::sweep_store() {
  world_.store.drop_expired(world_.clock.unix_now());
  sweeping_ = world_.timers.at(world_.clock.now() + kSweepEvery, [this] { sweep_store(); });
}

void TokenBroker::stop() {
  timer_.reset();
  sweeping_.reset();
  flights_.clear();
  cache_.for_each([this](const CacheEntry& entry) { world_.audit.token_ended(entry, "shutdown"); });
}

}  // namespace tokman
