#include "daemon/api/call_context.h"

#include <algorithm>

namespace tokman {
namespace {

bool is_refusal(tokman_error code) {
  return code == TOKMAN_E_DENIED || code == TOKMAN_E_UNAUTHENTICATED ||
         code == TOKMAN_E_SCOPE_TOO_NARROW || code == TOKMAN_E_RATE_LIMITED ||
         code == TOKMAN_E_SIGNATURE_INVALID;
}

}  // namespace

CallContext::CallContext(Call call, Fd descriptor, const World& world)
    : call_(std::move(call)),
      descriptor_(std::move(descriptor)),
      world_(world),
      deadline_(world.services.clock.now() + world.services.live.config().daemon.call_timeout) {}

bool CallContext::has_scope(Scope scope) const {
  return services().live.policy().scopes_of(caller().facts).contains(scope);
}

AccessCaller CallContext::access_caller() const {
  const PeerFacts& facts = caller().facts;
  AccessCaller known;
  known.username = facts.user.value_or("");
  for (const Scope scope : services().live.policy().scopes_of(facts)) {
    known.scopes.emplace(scope_name(scope));
  }
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

void CallContext::fail_as(std::string_view error_name, const json::Value& parameters) {
  world_.sink.on_answer(*this, SecretBytes(render_error(error_name, parameters)));
}

}  // namespace tokman
