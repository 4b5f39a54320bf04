// io.tokman.Daemon: is it there, is it well, what is it doing.
#include <unistd.h>

#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"
#include "daemon/base/version.h"

namespace tokman {
namespace {

bool refuses_parameters(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  const Result<Done> read = reader.finish();
  if (!read.ok()) context.fail(read.error());
  return !read.ok();
}

// From good to bad, so that the worst is the greatest.
enum class Wellness { ok, degraded, failing };

struct Check {
  std::string name;
  Wellness wellness = Wellness::ok;
  std::string reason;
};

const char* wellness_name(Wellness wellness) {
  if (wellness == Wellness::ok) return "ok";
  return wellness == Wellness::degraded ? "degraded" : "failing";
}

Check check_configuration(const Services& services) {
  const std::string& error = services.live.error();
  return {"configuration", error.empty() ? Wellness::ok : Wellness::degraded, error};
}

// Cached tokens are still served without it.
Check check_signer(const Services& services) {
  const bool is_up = services.signer.is_connected();
  return {"signer", is_up ? Wellness::ok : Wellness::degraded, is_up ? "" : "not running"};
}

Check check_store(const Services& services) {
  const std::string& error = services.store_writer.last_error();
  return {"store", error.empty() ? Wellness::ok : Wellness::degraded, error};
}

Check check_github(const Services& services, const AppConfig& app) {
  const auto& counts = services.broker.counts().apps;
  const auto found = counts.find(app.name);
  const std::string name = "github:" + app.name;
  if (found == counts.end() || !found->second.is_failing) return {name, Wellness::ok, ""};
  return {name, Wellness::degraded, found->second.last_error};
}

json::Value check_json(const Check& check) {
  json::Value row = json::Value::object();
  row.set("name", check.name).set("state", wellness_name(check.wellness));
  if (!check.reason.empty()) row.set("reason", check.reason);
  return row;
}

json::Value keys_json(const Services& services, const AppConfig& app) {
  json::Value rows = json::Value::array();
  const KeyChoice* keys = services.jwts.find_keys(app.name);
  if (keys == nullptr) return rows;
  for (const KnownKey& key : keys->keys()) {
    json::Value row = json::Value::object();
    if (!key.fingerprint.empty()) row.set("fingerprint", key.fingerprint);
    row.set("state", key_state_name(key.state));
    if (!key.error.empty()) row.set("error", key.error);
    if (key.is_replaced) row.set("replaced", true);
    rows.append(row);
  }
  return rows;
}

const char* state_name(CircuitBreaker::State state) {
  if (state == CircuitBreaker::State::closed) return "working";
  return state == CircuitBreaker::State::open ? "failing" : "probing";
}

void add_traffic(const Services& services, const AppConfig& app, json::Value& row) {
  const MintGate::View view = services.gate.view(app);
  row.set("mint_budget", view.budget).set("mints_waiting", static_cast<std::int64_t>(view.waiting));
  row.set("host_state", state_name(services.traffic.host_state(app.api_base)));
  const auto pause = services.traffic.find_pause(app.name);
  if (!pause) return;
  const auto left = std::chrono::ceil<std::chrono::seconds>(pause->until - services.clock.now());
  const UnixTime until = services.clock.unix_now() + left;
  row.set("paused_until", std::int64_t{until.time_since_epoch().count()});
  row.set("pause_cause", pause->cause);
}

json::Value app_json(const Services& services, const AppConfig& app) {
  const auto& all = services.broker.counts().apps;
  const auto found = all.find(app.name);
  const BrokerCounts::App counts = found == all.end() ? BrokerCounts::App{} : found->second;
  json::Value row = json::Value::object();
  row.set("name", app.name).set("api_base", app.api_base).set("git_host", app.git_host);
  row.set("mints", counts.mints).set("mint_failures", counts.failures);
  const auto offset = services.github_time.host(app.api_base).offset();
  row.set("clock_offset_s", std::int64_t{offset.count()});
  add_traffic(services, app, row);
  if (!counts.last_error.empty()) row.set("last_error", counts.last_error);
  const std::string fingerprint = services.jwts.key_fingerprint(app.name);
  if (!fingerprint.empty()) row.set("key_fingerprint", fingerprint);
  row.set("keys", keys_json(services, app));
  if (const auto polled_at = services.poll.last_success(app.name)) {
    row.set("polled_at", std::int64_t{polled_at->time_since_epoch().count()});
  }
  return row;
}

json::Value negative_json(const Services& services) {
  json::Value rows = json::Value::array();
  const Instant now = services.clock.now();
  services.broker.refusals().for_each(now, [&](const Refusal& refusal) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(refusal.until - now);
    const auto lasted = std::chrono::floor<std::chrono::seconds>(now - refusal.since);
    const std::int64_t unix_now{services.clock.unix_now().time_since_epoch().count()};
    json::Value row = json::Value::object().set("app", refusal.app).set("target", refusal.target);
    row.set("cause", refusal.error.message).set("since", unix_now - lasted.count());
    row.set("until", unix_now + left.count());
    if (const auto& github = refusal.error.github) {
      row.set("github", std::to_string(github->status) + " " + github->message);
    }
    rows.append(row);
  });
  return rows;
}

json::Value store_json(const Services& services) {
  const StoreKeyRotation::Progress progress = services.store_keys.progress();
  json::Value store = json::Value::object();
  store.set("key_id", std::int64_t{progress.key}).set("resealing", progress.is_resealing);
  return store.set("resealed", progress.resealed).set("unreadable", progress.unreadable);
}

template <class Numbers>
json::Value by_type_json(const Numbers& numbers) {
  json::Value row = json::Value::object();
  for (const TokenTypeName& type : kTokenTypeNames) {
    row.set(type.name, numbers[static_cast<std::size_t>(type.type)]);
  }
  return row;
}

json::Value access_json(const Services& services) {
  StateCounts& counts = services.state_counts;
  json::Value row = json::Value::object();
  row.set("clients", counts.clients()).set("history_entries", counts.history_entries());
  if (const auto& counted = counts.token_counts()) {
    row.set("tokens", by_type_json(counted->tokens)).set("users", by_type_json(counted->users));
    row.set("counted_at", std::int64_t{counted->counted_at.time_since_epoch().count()});
  }
  return row;
}

}  // namespace

void handle_ping(CallContext& context) {
  if (refuses_parameters(context)) return;
  context.reply(json::Value::object().set("version", kVersion));
}

void handle_health(CallContext& context) {
  if (refuses_parameters(context)) return;
  const Services& services = context.services();
  std::vector<Check> checks = {check_configuration(services), check_signer(services),
                               check_store(services)};
  for (const AppConfig& app : services.live.config().apps) {
    checks.push_back(check_github(services, app));
  }
  Wellness worst = Wellness::ok;
  json::Value rows = json::Value::array();
  for (const Check& check : checks) {
    worst = std::max(worst, check.wellness);
    rows.append(check_json(check));
  }
  context.reply(json::Value::object().set("state", wellness_name(worst)).set("checks", rows));
}

void handle_status(CallContext& context) {
  if (refuses_parameters(context)) return;
  const Services& services = context.services();
  const BrokerCounts& counts = services.broker.counts();
  json::Value apps = json::Value::array();
  std::int64_t mints = 0;
  for (const auto& [name, app] : counts.apps) mints += app.mints;
  for (const AppConfig& app : services.live.config().apps) apps.append(app_json(services, app));
  json::Value answer = json::Value::object();
  answer.set("version", kVersion).set("pid", std::int64_t{getpid()});
  answer.set("started_at", std::int64_t{services.started_at.time_since_epoch().count()});
  answer.set("policy_generation", static_cast<std::int64_t>(services.live.generation()));
  if (!services.live.error().empty()) answer.set("configuration_error", services.live.error());
  answer.set("connections", static_cast<std::int64_t>(services.count_connections()));
  answer.set("tokens_cached", static_cast<std::int64_t>(services.broker.cache().size()));
  answer.set("mints", mints).set("hits", counts.hits).set("stale_served", counts.stale_served);
  answer.set("refusals", static_cast<std::int64_t>(services.audit.refusals()));
  answer.set("revocations_pending", static_cast<std::int64_t>(services.revocations.pending()));
  answer.set("signer", services.signer.is_connected() ? "up" : "down");
  answer.set("signer_restarts", static_cast<std::int64_t>(services.signer.restarts()));
  answer.set("store", store_json(services));
  answer.set("access", access_json(services));
  context.reply(answer.set("apps", apps).set("negative", negative_json(services)));
}

void handle_reload(CallContext& context) {
  if (refuses_parameters(context)) return;
  context.services().audit.acted(context.caller().principal, context.call().method);
  context.hold(context.services().reload.start([&context](const Result<Done>& reloaded) {
    if (!reloaded.ok()) return context.fail(reloaded.error());
    const auto generation = static_cast<std::int64_t>(context.services().live.generation());
    context.reply(json::Value::object().set("policy_generation", generation));
  }));
}

}  // namespace tokman
