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
      .field("min_lifetime", parameters.min_lifetime_s)
      .field("priority", parameters.priority)
      .field("rejected", parameters.rejected)
      .field("exclusive", parameters.exclusive);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  return normalize(parameters);
}

// A call of GetToken, once policy has allowed it.
struct Asked {
  TokenRequest request;
  TokenOrder order;
  std::optional<RejectionOutcome> rejection;  // If the caller rejected a token.
};

class CachedToken final : public KnownAnswer {
 public:
  // REQUIRES: services outlive this object.
  CachedToken(Services& services, CacheEntryPtr entry, const NeededLife& life, std::string grant)
      : services_(services), entry_(std::move(entry)), life_(life), grant_(std::move(grant)) {}

  bool is_good() override { return entry_->is_current && services_.broker.serve(*entry_, life_); }
  std::string_view give(const Caller& caller) override {
    services_.audit.token_given(*entry_, caller.principal, grant_);
    return entry_->token->answer.reveal();
  }

 private:
  Services& services_;
  CacheEntryPtr entry_;
  NeededLife life_;
  std::string grant_;
};

// Remembers a cached answer for the caller's next call; others are for this one only.
void give(CallContext& context, const Served& served, const Asked& asked, const Permit& permit) {
  Services& services = context.services();
  const SecretBytes& cached = served.entry->token->answer;
  services.audit.token_given(*served.entry, context.caller().principal, permit.grant);
  if (asked.rejection) {
    const SecretBytes frame = answer_to_rejection(cached, served.source, *asked.rejection);
    return context.reply_frame(frame.reveal());
  }
  if (!asked.request.is_exclusive) {
    context.remember(
        std::make_unique<CachedToken>(services, served.entry, asked.order.life, permit.grant),
        Scope::github_token);
  }
  if (served.source == TokenSource::cache) return context.reply_frame(cached.reveal());
  context.reply_frame(answer_with_source(cached, served.source).reveal());
}

void answer(CallContext& context, const Result<Served>& served, const Asked& asked,
            const Permit& permit) {
  if (!served.ok()) {
    context.services().app_choice.note_refusal(asked.order.owner, served.error());
    return context.fail(served.error());
  }
  give(context, served.value(), asked, permit);
}

bool is_what_was_asked(const Result<std::vector<Permit>>& permits, const TokenOrder& order) {
  if (!permits.ok() || permits.value().size() != 1) return false;
  const Permit& permit = permits.value().front();
  return permit.app == order.app.name && permit.permissions == order.permissions;
}

// What the caller may have now.
Result<std::vector<Permit>> permits_now(CallContext& context, const TokenRequest& request) {
  if (const auto judged = context.identity().judge_again(); !judged.ok()) return judged.error();
  return context.services().live.policy().permits(context.caller().subject, request);
}

// While GitHub was asked the policy may have changed, and the credential have ended: what they give
// now counts.
void answer_late(CallContext& context, const Result<Served>& served, const Asked& asked) {
  Services& services = context.services();
  const auto permits = permits_now(context, asked.request);
  if (is_what_was_asked(permits, asked.order)) {
    return answer(context, served, asked, permits.value().front());
  }
  if (asked.request.is_exclusive && served.ok()) {
    services.exclusive.give_back(context.holder(), *served.value().entry);
  }
  if (!permits.ok()) return context.fail(permits.error());
  handle_get_token(context);
}

void get_exclusive_token(CallContext& context, Asked asked) {
  ExclusiveTokens& exclusive = context.services().exclusive;
  if (const auto error = exclusive.why_full(context.holder())) return context.fail(*error);
  const TokenOrder order = asked.order;
  context.hold(exclusive.get(context.holder(), order,
                             [&context, asked = std::move(asked)](const Result<Served>& served) {
                               answer_late(context, served, asked);
                             }));
}

Error rejected_too_often(std::chrono::milliseconds retry_after) {
  Error error{TOKMAN_E_RATE_LIMITED, "tokens are rejected too often", "rejected"};
  error.retry_after = retry_after;
  return error;
}

void get_token(CallContext& context, const TokenRequest& request, const Result<Permit>& permit) {
  if (!permit.ok()) return context.fail(permit.error());
  TokenBroker& broker = context.services().broker;
  Asked asked{request, make_order(context, request, permit.value()), std::nullopt};
  if (request.is_exclusive) return get_exclusive_token(context, std::move(asked));
  if (!request.rejected.empty()) {
    const auto verdict = broker.reject(asked.order, request.rejected, context.peer_uid());
    if (verdict.outcome == RejectionOutcome::rate_limited) {
      return context.fail(rejected_too_often(verdict.retry_after));
    }
    asked.rejection = verdict.outcome;
  }
  if (const auto now = broker.answer_now(asked.order)) {
    return answer(context, *now, asked, permit.value());
  }
  const TokenOrder order = asked.order;
  context.hold(broker.get(order, [&context, asked = std::move(asked)](const auto& served) {
    answer_late(context, served, asked);
  }));
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
  const auto verdicts =
      context.services().live.policy().verdicts(context.caller().subject, request);
  json::Value answer = json::Value::object();
  answer.set("allowed", false);
  answer.set("reason", reason_for(verdicts, context.has_scope(Scope::admin_daemon), error));
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
      .judge(context.caller().subject, request_for(entry, *identity))
      .ok();
}

json::Value token_json(const CacheEntry& entry, bool is_exclusive) {
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
  return shown.set("exclusive", is_exclusive);
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
  answer.set("principal", context.caller().principal);
  if (context.has_scope(Scope::admin_daemon)) {
    const Policy& policy = context.services().live.policy();
    json::Value rows = json::Value::array();
    for (const auto& verdict : policy.verdicts(context.caller().subject, request)) {
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
  const bool sees_all = context.has_scope(Scope::admin_daemon);
  json::Value rows = json::Value::array();
  context.services().broker.cache().for_each([&](const CacheEntry& entry) {
    if (sees_all || may_see(context, entry)) rows.append(token_json(entry, false));
  });
  context.services().exclusive.for_each([&](const CacheEntry& entry, std::uint32_t uid) {
    if (sees_all || uid == context.peer_uid()) rows.append(token_json(entry, true));
  });
  context.reply(json::Value::object().set("tokens", rows));
}

}  // namespace tokman
