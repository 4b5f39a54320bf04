#include "daemon/api/call_context.h"

#include <algorithm>

#include "daemon/domain/access/client.h"

namespace tokman {
namespace {

bool is_refusal(tokman_error code) {
  return code == TOKMAN_E_DENIED || code == TOKMAN_E_UNAUTHENTICATED ||
         code == TOKMAN_E_SCOPE_TOO_NARROW || code == TOKMAN_E_RATE_LIMITED ||
         code == TOKMAN_E_SIGNATURE_INVALID || code == TOKMAN_E_BLOCKED;
}

// What the audit log says that was refused: GitHub's name of it, or a client. A text that is none
// could be a key that was put in the wrong place.
std::string target_of(const json::Value& parameters) {
  const auto target = parameters.find("target").as_text();
  if (target) return std::string(*target);
  for (const char* name : {"client_id", "id"}) {
    const json::Value id = parameters.find(name);
    if (fits_client_id(id.as_text().value_or(""))) return std::string(*id.as_text());
  }
  return "";
}

}  // namespace

CallContext::CallContext(Call call, Fd descriptor, const World& world)
    : call_(std::move(call)),
      descriptor_(std::move(descriptor)),
      world_(world),
      identity_(call_.parameters.take("auth"), {world.services, world.peer, world.account}),
      deadline_(world.services.clock.now() + world.services.live.config().daemon.call_timeout) {}

bool CallContext::has_scope(Scope scope) const {
  return services().live.policy().gives(caller().subject, scope);
}

AccessCaller CallContext::access_caller() const {
  const Subject& subject = caller().subject;
  AccessCaller known;
  known.scopes = services().live.policy().scopes_of(subject);
  known.token = caller().token;
  known.client = subject.client;
  if (!subject.is_client()) known.username = subject.facts.user.value_or("");
  known.actor = actor();
  return known;
}

std::int64_t CallContext::requests_per_minute(Scope scope) const {
  const LiveConfig& live = services().live;
  const auto limits = live.policy().limits_of(caller().subject, scope);
  return limits ? limits->requests_per_minute : live.config().access.requests_per_minute;
}

// The name is that of who is judged, the facts are those of the process that calls.
Actor CallContext::actor() const {
  const Subject& subject = caller().subject;
  const PeerFacts& process = identity_.peer().subject.facts;
  Actor actor;
  actor.name = subject.is_client()
                   ? "client:" + subject.client
                   : subject.facts.user.value_or("uid:" + std::to_string(process.uid));
  actor.uid = process.uid;
  actor.gid = process.gid;
  actor.pid = process.pid;
  actor.unit = process.unit.value_or("");
  actor.program = process.program.value_or("");
  return actor;
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
    services().audit.refused(
        {caller().principal, call_.method, target_of(call_.parameters), error});
  }
  world_.sink.on_answer(*this, SecretBytes(render_error(error)));
}

void CallContext::remember(std::unique_ptr<KnownAnswer> answer, Scope scope) {
  world_.sink.on_repeatable(*this, {.answer = std::move(answer),
                                    .presented = identity_.presented(),
                                    .generation = services().live.generation(),
                                    .requests_per_minute = requests_per_minute(scope)});
}

void CallContext::fail_as(std::string_view error_name, const json::Value& parameters) {
  world_.sink.on_answer(*this, SecretBytes(render_error(error_name, parameters)));
}

}  // namespace tokman
