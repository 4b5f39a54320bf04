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

std::string owner_refusal_key(const std::string& app, const std::string& owner) {
  return "owner:" + app + "/" + owner;
}

// Under which names refusals are remembered: the app, the target, the installation, the token.
std::string refusal_key(const TokenOrder& order, const std::string& key, tokman_error cause) {
  switch (cause) {
    case TOKMAN_E_UPSTREAM_AUTH:
      return "app:" + order.app.name;
    case TOKMAN_E_APP_NOT_INSTALLED:
      return "target:" + order.app.name + "/" + order.target();
    case TOKMAN_E_INSTALLATION_SUSPENDED:
      return owner_refusal_key(order.app.name, order.owner);
    default:
      return key.empty() ? "target:" + order.app.name + "/" + order.target() : "token:" + key;
  }
}

// One cause of each name.
constexpr tokman_error kRefusalCauses[] = {TOKMAN_E_UPSTREAM_AUTH, TOKMAN_E_INSTALLATION_SUSPENDED,
                                           TOKMAN_E_APP_NOT_INSTALLED,
                                           TOKMAN_E_PERMISSION_NOT_GRANTED};

StoredToken make_stored(const TokenFlight& flight, MintedToken minted, UnixTime now) {
  StoredToken stored;
  stored.token = std::move(minted.text);
  stored.app = flight.order.app.name;
  stored.installation_id = flight.installation_id;
  stored.owner = flight.order.owner;
  stored.granted = std::move(minted.permissions);
  stored.granted_repositories = std::move(minted.repositories);
  stored.expires_at = minted.expires_at;
  stored.minted_at = now;
  stored.fingerprint = token_fingerprint(stored.token.reveal());
  return stored;
}

}  // namespace

TokenBroker::TokenBroker(const World& world, std::size_t cache_entries_max)
    : world_(world),
      shelf_({world.time, world.store, world.audit, world.log, world.clock, world.timers,
              world.random},
             cache_entries_max),
      flights_(
          {world.github, world.gate, world.clock, world.timers, world.random},
          {.on_attempt_failed = [this](const TokenFlight& flight,
                                       const Error& error) { note_failure(flight, error); },
           .on_failed = [this](const TokenFlight& flight,
                               const Error& error) { on_fetch_failed(flight, error); },
           .on_minted = [this](const TokenFlight& flight,
                               MintedToken minted) { return on_minted(flight, std::move(minted)); },
           .on_discarded = [this](
                               const TokenFlight& flight,
                               MintedToken minted) { on_discarded(flight, std::move(minted)); }}),
      refusals_(kRefusalsMax) {
  shelf_.on_renewal_due([this](const CacheEntry& entry) { renew(entry); });
  world_.time.on_step([this](const std::string& api_base) { shelf_.reschedule(api_base); });
}

// ---- Serving -----------------------------------------------------------------------------------

std::optional<Result<Served>> TokenBroker::answer_now(const TokenOrder& order) {
  const auto installation = world_.installations.find(order.app, order.owner);
  const std::string key = installation ? order.key_at(installation->id) : "";
  const CacheEntryPtr entry = installation ? find_entry(key, order) : nullptr;
  if (entry && serve(*entry, order.life)) return Served{entry, TokenSource::cache};
  if (auto refusal = remembered_refusal(order, key)) return *refusal;
  const bool is_failing = entry && world_.clock.now() < entry->failing_until;
  if (!is_failing && !why_held(order)) return std::nullopt;
  auto stale = serve_stale(key);
  if (!stale) return std::nullopt;
  renew(*stale->entry);
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
  if (!lives_long_enough(token.expires_at, token.minted_at, entry.clock->now(), needed)) {
    return false;
  }
  entry.is_used = entry.was_asked = true;
  ++counts_.hits;
  if (entry.renews_on_use) renew(entry);
  return true;
}

std::optional<Served> TokenBroker::serve_stale(const std::string& key) {
  const CacheEntryPtr entry = shelf_.find(key);
  if (!entry) return std::nullopt;
  if (!may_serve_stale(entry->token->expires_at, entry->clock->now())) return std::nullopt;
  entry->is_used = entry->was_asked = true;
  ++counts_.stale_served;
  return Served{entry, TokenSource::stale};
}

CacheEntryPtr TokenBroker::find_entry(const std::string& key, const TokenOrder& order) {
  if (CacheEntryPtr entry = shelf_.find(key)) return entry;
  if (remembered_refusal(order, key)) return nullptr;  // What it ended may still be on its way out.
  return shelf_.find_or_load(key, order);
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
                     Refusal{order.app.name, order.target(), error}, world_.clock.now());
}

void TokenBroker::refuse_owner(const std::string& app, const std::string& owner,
                               const Error& error) {
  refusals_.remember(owner_refusal_key(app, owner), Refusal{app, owner, error}, world_.clock.now());
}

// ---- Fetching ----------------------------------------------------------------------------------

std::optional<Error> TokenBroker::spent_budget(const TokenOrder& order,
                                               const std::string& key) const {
  if (order.mints_per_minute == kNoBound || flights_.contains(key)) return std::nullopt;
  const CallerBudgets::Account account(world_.budgets, order.principal, world_.clock.now());
  const auto wait = account.mint_wait(order.mints_per_minute, world_.clock.now());
  if (!wait) return std::nullopt;
  return Error{TOKMAN_E_RATE_LIMITED,
               order.principal + " has caused as many mints as it may for now", "", wait};
}

OperationPtr TokenBroker::join(const std::string& key, const TokenOrder& order,
                               Instant wanted_until,
                               std::function<void(const FetchNews&)> callback) {
  if (order.mints_per_minute != kNoBound && !flights_.contains(key)) {
    CallerBudgets::Account account(world_.budgets, order.principal, world_.clock.now());
    account.take_mint(order.mints_per_minute, world_.clock.now());
  }
  return flights_.join(key, order, wanted_until, std::move(callback));
}

UnixTime TokenBroker::github_now(const TokenFlight& flight) {
  return world_.time.host(flight.order.app.api_base).now();
}

CacheEntryPtr TokenBroker::on_minted(const TokenFlight& flight, MintedToken minted) {
  const StoredToken stored = make_stored(flight, std::move(minted), github_now(flight));
  note_success(flight, stored);
  if (!flight.order.holder.empty()) {
    return shelf_.make_exclusive(flight.key, flight.order, stored);
  }
  return shelf_.keep(flight.key, flight.order, stored);
}

// It lives, and nobody has it: GitHub is told to end it.
void TokenBroker::on_discarded(const TokenFlight& flight, MintedToken minted) {
  StoredToken stored = make_stored(flight, std::move(minted), github_now(flight));
  note_success(flight, stored);
  world_.revocations.revoke(
      {stored.fingerprint, std::move(stored.token), stored.app, stored.expires_at});
}

void TokenBroker::note_success(const TokenFlight& flight, const StoredToken& token) {
  BrokerCounts::App& app = counts_.apps[token.app];
  ++app.mints;
  app.last_error.clear();
  app.is_failing = false;
  for (const tokman_error cause : kRefusalCauses) {
    refusals_.forget(refusal_key(flight.order, flight.key, cause));
  }
  world_.log.info("token minted", {{"app", token.app},
                                   {"target", flight.order.target()},
                                   {"permissions", flight.order.permissions.to_string()},
                                   {"installation", flight.installation_id},
                                   {"fingerprint", token.fingerprint}});
}

void TokenBroker::on_fetch_failed(const TokenFlight& flight, const Error& error) {
  note_failure(flight, error);
  const TokenOrder& order = flight.order;
  const bool is_gone = error.code == TOKMAN_E_APP_NOT_INSTALLED;
  if (is_gone && world_.installations.known_id(order.app, order.owner) == flight.installation_id) {
    world_.installations.forget(order.app, order.owner);  // A reinstalled app has a new one.
  }
  // Also for a renewal that nobody waits for. Whoever waits may still find out more of the others.
  if (error.code == TOKMAN_E_INSTALLATION_SUSPENDED) remember_refusal(order, flight.key, error);
  if (!is_gone && error.code != TOKMAN_E_INSTALLATION_SUSPENDED) return;
  // GitHub does not accept any token of this installation now.
  shelf_.drop(TokenSelection{order.app.name, flight.installation_id}, "installation-gone");
}

void TokenBroker::note_failure(const TokenFlight& flight, const Error& error) {
  BrokerCounts::App& app = counts_.apps[flight.order.app.name];
  ++app.failures;
  app.last_error = describe(error);
  app.is_failing =
      tokman_error_is_retryable(error.code) == 1 || error.code == TOKMAN_E_UPSTREAM_AUTH;
  world_.log.warning("minting failed", {{"app", flight.order.app.name},
                                        {"target", flight.order.target()},
                                        {"error", app.last_error}});
  if (const CacheEntryPtr entry = shelf_.find(flight.key)) {
    const auto pause = std::max<Instant::duration>(kFailingFor, error.retry_after.value_or(0ms));
    entry->renew_not_before = world_.clock.now() + pause;
    entry->renews_on_use = true;
    if (tokman_error_is_retryable(error.code) == 1) {
      entry->failing_until = world_.clock.now() + kFailingFor;
    }
  }
}

// ---- Rejecting and revoking --------------------------------------------------------------------

void TokenBroker::drop(const TokenSelection& selection, std::string_view reason) {
  shelf_.drop(selection, reason);
  flights_.outdate([&selection](const TokenFlight& flight) {
    return selection.concerns(flight.order.app.name, flight.installation_id,
                              flight.order.repositories);
  });
}

RejectionVerdict TokenBroker::reject(const TokenOrder& order, const std::string& fingerprint,
                                     std::uint32_t caller) {
  const auto installation = world_.installations.find(order.app, order.owner);
  if (!installation) return {RejectionOutcome::superseded};
  const std::string key = order.key_at(installation->id);
  const CacheEntryPtr entry = find_entry(key, order);
  if (!entry) return {RejectionOutcome::superseded};
  const PresentToken present{key, entry->token->fingerprint,
                             entry->clock->now() - entry->token->minted_at};
  const auto verdict = rejections_.judge(present, fingerprint, caller, world_.clock.now());
  if (verdict.outcome == RejectionOutcome::dropped) {
    world_.log.warning("token rejected by a caller", {{"app", entry->app},
                                                      {"target", entry->target},
                                                      {"fingerprint", fingerprint},
                                                      {"uid", static_cast<std::int64_t>(caller)}});
    shelf_.drop(key, "rejected");
    flights_.outdate([&key](const TokenFlight& flight) { return flight.key == key; });
  }
  return verdict;
}

OperationPtr TokenBroker::revoke(const RevocationTarget& target, CondemnedTokens exclusive,
                                 std::chrono::milliseconds timeout,
                                 TokenRevocations::Callback callback) {
  CondemnedTokens known = shelf_.take_revoked([&target](const CacheEntry& entry) {
    return target.concerns(entry.token->fingerprint, entry.app);
  });
  std::move(exclusive.begin(), exclusive.end(), std::back_inserter(known));
  if (!target.app.empty()) {
    flights_.outdate(
        [&target](const TokenFlight& flight) { return flight.order.app.name == target.app; });
  }
  const auto is_doomed = [target](const StoredToken& stored) {
    return target.concerns(stored.fingerprint, stored.app);
  };
  return world_.revocations.revoke(std::move(known), is_doomed, timeout, std::move(callback));
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
  flights_.start(entry.key, order, entry.clock->when(entry.token->expires_at - kDeadZone));
}

void TokenBroker::stop() {
  flights_.cancel_all();
  shelf_.stop();
}

}  // namespace tokman
