// io.tokman.GitHub: installation tokens.
#include <algorithm>

#include "daemon/api/call_context.h"
#include "daemon/api/judged_request.h"
#include "daemon/api/methods/methods.h"
#include "daemon/domain/tokens/token_key.h"

namespace tokman {
namespace {

Result<TokenRequest> read_request(const CallContext& context) {
  TokenParameters parameters;
  json::ObjectReader reader(context.call().parameters);
  reader.field("target", parameters.target)
      .field("app", parameters.app)
      .field("permissions", parameters.permissions)
      .field("repositories", parameters.repositories)
      .field("min_lifetime", parameters.min_lifetime_s);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  return normalize(parameters);
}

// Remembers a cached answer for the caller's next call; others are rendered for this one.
void give(CallContext& context, const Served& served, const TokenOrder& order,
          const Permit& permit) {
  Services& services = context.services();
  const ReadyToken& token = *served.entry->token;
  services.audit.token_given(*served.entry, context.caller().principal, permit.grant);
  context.remember({served.entry, order.life, permit.grant, services.live.generation()});
  if (served.source == TokenSource::cache) return context.reply_frame(token.answer.reveal());
  context.reply_frame(answer_with_source(token.answer, served.source).reveal());
}

void answer(CallContext& context, const Result<Served>& served, const TokenOrder& order,
            const Permit& permit) {
  if (!served.ok()) {
    context.services().app_choice.note_refusal(order.owner, served.error());
    return context.fail(served.error());
  }
  give(context, served.value(), order, permit);
}

// While GitHub was asked the policy may have changed: what it gives now counts.
void answer_late(CallContext& context, const Result<Served>& served, const TokenRequest& request,
                 const TokenOrder& order) {
  const Policy& policy = context.services().live.policy();
  const auto permits = policy.permits(context.caller().facts, request);
  if (!permits.ok()) return context.fail(permits.error());
  const Permit& permit = permits.value().front();
  const bool is_what_was_asked = permits.value().size() == 1 && permit.app == order.app.name &&
                                 permit.permissions == order.permissions;
  if (!is_what_was_asked) return handle_get_token(context);
  answer(context, served, order, permit);
}

void get_token(CallContext& context, const TokenRequest& request, const Result<Permit>& permit) {
  if (!permit.ok()) return context.fail(permit.error());
  const TokenOrder order = make_order(context, request, permit.value());
  if (const auto now = context.services().broker.answer_now(order)) {
    return answer(context, *now, order, permit.value());
  }
  context.hold(context.services().broker.get(
      order, [&context, request, order](const Result<Served>& served) {
        answer_late(context, served, request, order);
      }));
}

bool is_admin(const CallContext& context) {
  return context.services()
      .live.policy()
      .scopes_of(context.caller().facts)
      .contains(Scope::admin_daemon);
}

json::Value verdict_json(const GrantVerdict& verdict) {
  json::Value row = json::Value::object();
  row.set("grant", verdict.grant).set("matched", verdict.failed.empty());
  if (!verdict.failed.empty()) row.set("condition", verdict.failed);
  return row;
}

// What a caller may know of a refusal: the nearest of the grants that match it.
std::string reason_for(const std::vector<GrantVerdict>& verdicts, bool may_see_all,
                       const Error& error) {
  for (const GrantVerdict& verdict : verdicts) {
    if (verdict.failed.empty() || !(may_see_all || verdict.matches_caller)) continue;
    return error.message + "; nearest is grant '" + verdict.grant + "': " + verdict.failed;
  }
  return error.message;
}

json::Value explain_refusal(const CallContext& context, const TokenRequest& request,
                            const Error& error) {
  const auto verdicts = context.services().live.policy().verdicts(context.caller().facts, request);
  json::Value answer = json::Value::object();
  answer.set("allowed", false);
  answer.set("reason", reason_for(verdicts, is_admin(context), error));
  return answer;
}

json::Value explain_permit(const TokenRequest& request, const Permit& permit) {
  json::Value answer = json::Value::object();
  answer.set("allowed", true);
  answer.set("reason", "grant '" + permit.grant + "' allows it");
  answer.set("grant", permit.grant).set("app", permit.app);
  answer.set("permissions", permit.permissions.to_text());
  answer.set("repositories", request.repositories);
  return answer;
}

// The request that a cached token would answer, to ask whether this caller could have made it.
TokenRequest request_for(const CacheEntry& entry, const TokenIdentity& identity) {
  TokenRequest request;
  request.owner = entry.target.substr(0, entry.target.find('/'));
  request.repositories = identity.repositories;
  request.app = entry.app;
  request.permissions = identity.permissions;
  return request;
}

bool may_see(const CallContext& context, const CacheEntry& entry) {
  const auto identity = parse_token_key(entry.key);
  if (!identity) return false;
  return context.services()
      .live.policy()
      .judge(context.caller().facts, request_for(entry, *identity))
      .ok();
}

json::Value cached_token_json(const CacheEntry& entry) {
  json::Value row = answer_without_secret(entry.token->answer);
  std::int64_t uses = 0;
  for (const Receipt& receipt : entry.token->receipts) {
    uses += static_cast<std::int64_t>(receipt.count);
  }
  json::Value shown = json::Value::object();
  for (const auto& [name, value] : row.members()) {
    if (name != "source") shown.set(name, value);
  }
  shown.set("target", entry.target).set("uses", uses);
  shown.set("state", entry.renews_on_use ? "renewal due" : "fresh");
  return shown;
}

json::Value installation_json(const std::string& app, const Installation& installation,
                              bool is_cached) {
  return json::Value::object()
      .set("app", app)
      .set("installation_id", installation.id)
      .set("account", installation.account)
      .set("cached", is_cached);
}

void explain(CallContext& context, const TokenRequest& request, const Result<Permit>& permit) {
  json::Value answer = permit.ok() ? explain_permit(request, permit.value())
                                   : explain_refusal(context, request, permit.error());
  if (is_admin(context)) {
    const Policy& policy = context.services().live.policy();
    json::Value rows = json::Value::array();
    for (const auto& verdict : policy.verdicts(context.caller().facts, request)) {
      rows.append(verdict_json(verdict));
    }
    answer.set("verdicts", rows);
  }
  context.reply(answer);
}

void resolve_installation(CallContext& context, const TokenRequest& request,
                          const Result<Permit>& permit) {
  if (!permit.ok()) return context.fail(permit.error());
  const AppConfig& app = app_of(context, permit.value());
  InstallationDirectory& installations = context.services().installations;
  if (const auto known = installations.find(app, request.owner)) {
    return context.reply(installation_json(app.name, *known, true));
  }
  const auto& repositories = request.repositories;
  context.hold(
      installations.resolve(app, {request.owner, repositories.empty() ? "" : repositories.front()},
                            [&context, name = app.name](const Result<Installation>& found) {
                              if (!found.ok()) return context.fail(found.error());
                              context.reply(installation_json(name, found.value(), false));
                            }));
}

}  // namespace

void handle_get_token(CallContext& context) {
  const Result<TokenRequest> request = read_request(context);
  if (!request.ok()) return context.fail(request.error());
  judge_request(context, request.value(), get_token);
}

void handle_explain(CallContext& context) {
  const Result<TokenRequest> request = read_request(context);
  if (!request.ok()) return context.fail(request.error());
  judge_request(context, request.value(), explain);
}

void handle_resolve_installation(CallContext& context) {
  TokenParameters parameters;
  json::ObjectReader reader(context.call().parameters);
  reader.field("target", parameters.target).field("app", parameters.app);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const Result<TokenRequest> request = normalize(parameters);
  if (!request.ok()) return context.fail(request.error());
  judge_request(context, request.value(), resolve_installation);
}

void handle_list_tokens(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const bool sees_all = is_admin(context);
  json::Value rows = json::Value::array();
  context.services().broker.cache().for_each([&](const CacheEntry& entry) {
    if (sees_all || may_see(context, entry)) rows.append(cached_token_json(entry));
  });
  context.reply(json::Value::object().set("tokens", rows));
}

}  // namespace tokman
