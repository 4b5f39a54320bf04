// io.tokman.GitHub: ending tokens that are refused, or that must not be used any more.
#include "daemon/api/call_context.h"
#include "daemon/api/judged_request.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

Error invalid(std::string field, std::string message) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::move(field)};
}

void report_rejected(CallContext& context, const TokenRequest& request,
                     const Result<Permit>& permit) {
  if (!permit.ok()) return context.fail(permit.error());
  const RejectionVerdict verdict = context.services().broker.reject(
      make_order(context, request, permit.value()), request.rejected, context.peer_uid());
  json::Value answer = json::Value::object();
  answer.set("dropped", verdict.outcome == RejectionOutcome::dropped);
  answer.set("reason", json::Value::of(rejection_outcome_name(verdict.outcome)));
  if (verdict.retry_after.count() > 0) {
    answer.set("retry_after_ms", std::int64_t{verdict.retry_after.count()});
  }
  context.reply(answer);
}

Result<RevocationTarget> read_target(const CallContext& context) {
  std::optional<std::string> fingerprint;
  std::optional<std::string> app;
  json::ObjectReader reader(context.call().parameters);
  reader.field("fingerprint", fingerprint).field("app", app);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  if (fingerprint.has_value() == app.has_value()) {
    return invalid("fingerprint", "either 'fingerprint' or 'app' must be given");
  }
  if (fingerprint && !is_fingerprint(*fingerprint)) {
    return invalid("fingerprint", "'fingerprint' is no token's fingerprint");
  }
  if (app && app->empty()) return invalid("app", "'app' is empty");
  return RevocationTarget{fingerprint.value_or(""), app.value_or("")};
}

// The same refusal whether there is such a token or not: nothing is learned from it.
std::optional<Error> why_denied(const CallContext& context, const RevocationTarget& target) {
  if (context.has_scope(Scope::admin_daemon)) return std::nullopt;
  const std::uint32_t uid = context.peer_uid();
  if (context.services().exclusive.is_held_by(uid, target.fingerprint)) return std::nullopt;
  return Error{TOKMAN_E_DENIED, "no grant gives " + context.caller().principal +
                                    " the scope admin:daemon, and this is no exclusive token of "
                                    "its own"};
}

void answer(CallContext& context, const RevocationTarget& target,
            const TokenRevocations::Outcome& outcome) {
  if (outcome.revoked == 0 && target.app.empty()) {
    return context.fail(Error{TOKMAN_E_NOT_FOUND, "there is no such token here", "fingerprint"});
  }
  context.reply(
      json::Value::object().set("revoked", outcome.revoked).set("pending", outcome.pending));
}

}  // namespace

void handle_report_rejected(CallContext& context) {
  TokenParameters parameters;
  std::string fingerprint;
  json::ObjectReader reader(context.call().parameters);
  reader.field("target", parameters.target)
      .field("app", parameters.app)
      .field("permissions", parameters.permissions)
      .field("repositories", parameters.repositories)
      .field("fingerprint", fingerprint);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  if (!is_fingerprint(fingerprint)) {
    return context.fail(invalid("fingerprint", "'fingerprint' is no token's fingerprint"));
  }
  parameters.rejected = fingerprint;
  const Result<TokenRequest> request = normalize(parameters);
  if (!request.ok()) return context.fail(request.error());
  judge_request(context, request.value(), report_rejected);
}

void handle_revoke(CallContext& context) {
  const Result<RevocationTarget> read = read_target(context);
  if (!read.ok()) return context.fail(read.error());
  const RevocationTarget& target = read.value();
  if (const auto error = why_denied(context, target)) return context.fail(*error);
  Services& services = context.services();
  services.audit.acted(context.caller().principal, context.call().method);
  CondemnedTokens exclusive = services.exclusive.take_revoked(target);
  if (const auto earlier = services.revocations.outcome_of(target.fingerprint);
      earlier && exclusive.empty()) {
    return answer(context, target, *earlier);
  }
  context.hold(
      services.broker.revoke(target, std::move(exclusive), context.time_left(),
                             [&context, target](const Result<TokenRevocations::Outcome>& outcome) {
                               if (!outcome.ok()) return context.fail(outcome.error());
                               answer(context, target, outcome.value());
                             }));
}

}  // namespace tokman
