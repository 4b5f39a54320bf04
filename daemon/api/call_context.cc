#include "daemon/api/call_context.h"

#include <algorithm>

namespace tokman {
namespace {

bool is_refusal(tokman_error code) {
  return code == TOKMAN_E_DENIED || code == TOKMAN_E_UNAUTHENTICATED ||
         code == TOKMAN_E_SCOPE_TOO_NARROW || code == TOKMAN_E_RATE_LIMITED ||
         code == TOKMAN_E_SIGNATURE_INVALID || code == TOKMAN_E_BLOCKED;
}

}  // namespace

CallContext::CallContext(Call call, Fd descriptor, const World& world)
    : call_(std::move(call)),
      descriptor_(std::move(descriptor)),
      world_(world),
      deadline_(world.services.clock.now() + world.services.live.config().daemon.call_timeout) {}

bool CallContext::has_scope(Scope scope) const {
  return services().live.policy().gives(caller().subject, scope);
}

AccessCaller CallContext::access_caller() const {
  const PeerFacts& facts = caller().subject.facts;
  AccessCaller known;
  known.username = facts.user.value_or("");
  known.scopes = services().live.policy().scopes_of(caller().subject);
  known.actor.name = facts.user.value_or("uid:" + std::to_string(facts.uid));
  known.actor.uid = facts.uid;
  known.actor.gid = facts.gid;
  known.actor.pid = facts.pid;
  known.actor.unit = facts.unit.value_or("");
  known.actor.program = facts.program.value_or("");
  return known;
}

std::chrono::milliseconds CallContext::time_left() const {
  return std::max(deadline_ - services().clock.now(), Instant::duration::zero());
}

void CallContext::reply(const json::Value& parameters) {
  world_.sink.on_answer(*this, render_reply(parameters));
}

void CallContext::reply_frame(std::string_view frame) {
  world_.sink.on_answer(*this, SecretBytes(frame));
}

void CallContext::reply_part(const json::Value& parameters) {
  world_.sink.on_part(*this, render_reply(parameters, Continues::yes));
}

void CallContext::fail(const Error& error) {
  if (is_refusal(error.code)) {
    const json::Value target = call_.parameters.find("target");
    services().audit.refused(
        {caller().principal, call_.method, target.as_text().value_or(""), error});
  }
  world_.sink.on_answer(*this, SecretBytes(render_error(error)));
}

void CallContext::remember(RepeatableAnswer answer) {
  const LiveConfig& live = services().live;
  answer.generation = live.generation();
  if (const auto limits = live.policy().limits_of(caller().subject, Scope::github_token)) {
    answer.requests_per_minute = limits->requests_per_minute;
  }
  world_.sink.on_repeatable(*this, std::move(answer));
}

void CallContext::fail_as(std::string_view error_name, const json::Value& parameters) {
  world_.sink.on_answer(*this, SecretBytes(render_error(error_name, parameters)));
}

}  // namespace tokman
