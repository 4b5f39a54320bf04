// io.tokman.GitHub: GetRateLimit and Observe, what is left of an installation's requests.
#include "daemon/api/call_context.h"
#include "daemon/api/judged_request.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

using Place = RateLimits::Place;

// Whether GitHub is to be asked is read again when the app is settled.
Result<TokenRequest> read_rate_request(const CallContext& context) {
  TokenParameters parameters;
  std::optional<bool> fresh;
  json::ObjectReader reader(context.call().parameters);
  reader.field("target", parameters.target).field("app", parameters.app).field("fresh", fresh);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  return normalize(parameters);
}

struct Observation {
  TokenParameters target;
  RateWindow window;
};

// As GitHub's headers have it: what it leaves out follows from the rest.
Result<Observation> read_observation(const CallContext& context) {
  Observation seen;
  std::optional<std::string> resource;
  std::optional<std::int64_t> used;
  std::int64_t reset = 0;
  json::ObjectReader reader(context.call().parameters);
  reader.field("target", seen.target.target)
      .field("app", seen.target.app)
      .field("resource", resource)
      .field("limit", seen.window.limit)
      .field("remaining", seen.window.remaining)
      .field("used", used)
      .field("reset", reset);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  if (resource) seen.window.resource = *resource;
  seen.window.used = used.value_or(seen.window.limit - seen.window.remaining);
  seen.window.resets_at = UnixTime(std::chrono::seconds(reset));
  return seen;
}

void reply_windows(CallContext& context, const Place& place) {
  json::Value rows = json::Value::array();
  for (const RateWindow& window : context.services().rate_limits.windows(place)) {
    rows.append(json::Value::object()
                    .set("resource", window.resource)
                    .set("limit", window.limit)
                    .set("remaining", window.remaining)
                    .set("used", window.used)
                    .set("reset", std::int64_t{window.resets_at.time_since_epoch().count()})
                    .set("seen_at", std::int64_t{window.seen_at.time_since_epoch().count()})
                    .set("source", window.source == RateSource::github ? "github" : "observed"));
  }
  context.reply(json::Value::object()
                    .set("app", place.app.name)
                    .set("installation_id", place.installation_id)
                    .set("resources", rows));
}

using OnPlace = void (*)(CallContext& context, const Place& place);

void find_place(CallContext& context, const TokenRequest& request, const AppConfig& app,
                OnPlace next) {
  InstallationDirectory& installations = context.services().installations;
  if (const auto known = installations.find(app, request.owner)) {
    return next(context, {app, known->id});
  }
  const auto& repositories = request.repositories;
  context.hold(
      installations.resolve(app, {request.owner, repositories.empty() ? "" : repositories.front()},
                            [&context, app, next](const Result<Installation>& found) {
                              if (!found.ok()) return context.fail(found.error());
                              next(context, {app, found.value().id});
                            }));
}

void ask_with(CallContext& context, const AppConfig& app, const Served& served) {
  const auto identity = parse_token_key(served.entry->key);
  if (!identity) return context.fail(Error{TOKMAN_E_INTERNAL, "a cached token has no identity"});
  const Place place{app, identity->installation_id};
  RateLimits& limits = context.services().rate_limits;
  if (limits.is_fresh(place)) return reply_windows(context, place);
  context.hold(
      limits.ask(place, token_in_answer(served.entry->token->answer),
                 [&context, app, id = place.installation_id](const RateLimits::Asked& asked) {
                   if (!asked.ok()) return context.fail(asked.error());
                   reply_windows(context, {app, id});
                 }));
}

// The caller never sees that token, so it counts as nothing given.
void ask_github(CallContext& context, const TokenRequest& request, const Permit& permit) {
  const TokenOrder order = make_order(context, request, permit);
  TokenBroker& broker = context.services().broker;
  const auto on_served = [&context, app = order.app](const Result<Served>& served) {
    if (!served.ok()) return context.fail(served.error());
    ask_with(context, app, served.value());
  };
  if (const auto now = broker.answer_now(order)) return on_served(*now);
  context.hold(broker.get(order, on_served));
}

void show_rate_limit(CallContext& context, const TokenRequest& request,
                     const Result<Permit>& permit) {
  if (!permit.ok()) return context.fail(permit.error());
  const bool is_fresh = context.call().parameters.find("fresh").as_bool().value_or(false);
  if (is_fresh) return ask_github(context, request, permit.value());
  find_place(context, request, app_of(context, permit.value()), reply_windows);
}

void take_observation(CallContext& context, const Place& place) {
  const Result<Observation> seen = read_observation(context);
  if (!seen.ok()) return context.fail(seen.error());
  const auto taken = context.services().rate_limits.observe(place, seen.value().window);
  if (!taken.ok()) return context.fail(taken.error());
  context.reply(json::Value::object());
}

void observe_where_allowed(CallContext& context, const TokenRequest& request,
                           const Result<Permit>& permit) {
  if (!permit.ok()) return context.fail(permit.error());
  find_place(context, request, app_of(context, permit.value()), take_observation);
}

}  // namespace

void handle_get_rate_limit(CallContext& context) {
  const Result<TokenRequest> request = read_rate_request(context);
  if (!request.ok()) return context.fail(request.error());
  judge_request(context, request.value(), show_rate_limit);
}

void handle_observe(CallContext& context) {
  const Result<Observation> seen = read_observation(context);
  if (!seen.ok()) return context.fail(seen.error());
  const Result<TokenRequest> request = normalize(seen.value().target);
  if (!request.ok()) return context.fail(request.error());
  judge_request(context, request.value(), observe_where_allowed);
}

}  // namespace tokman
