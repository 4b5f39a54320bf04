// io.tokman.Access: who is asking.
#include "daemon/api/access_token_json.h"
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

json::Value ids_json(const std::vector<gid_t>& ids) {
  json::Value list = json::Value::array();
  for (const gid_t id : ids) list.append(json::Value::of(std::int64_t{id}));
  return list;
}

json::Value allowance_json(const Allowance& allowance) {
  return json::Value::object()
      .set("limit", allowance.limit)
      .set("remaining", allowance.remaining)
      .set("reset_ms", std::int64_t{allowance.reset.count()});
}

json::Value names_json(const ScopeNames& names) {
  json::Value list = json::Value::array();
  for (const std::string& name : names) list.append(json::Value::of(name));
  return list;
}

void show_credential(json::Value& answer, const Caller& caller) {
  if (caller.token) {
    answer.set("credential", "token").set("token", access_token_json(*caller.token));
  } else if (caller.subject.is_client()) {
    answer.set("credential", "client").set("client", caller.subject.client);
  }
}

void show_facts(json::Value& answer, const PeerFacts& facts) {
  if (facts.uid != PeerFacts().uid) {
    answer.set("uid", std::int64_t{facts.uid}).set("gid", std::int64_t{facts.gid});
  }
  answer.set("groups", ids_json(facts.groups));
  answer.set("pid", std::int64_t{facts.pid});
  if (facts.user) answer.set("user", *facts.user);
  if (facts.unit) answer.set("unit", *facts.unit);
  if (facts.program) answer.set("program", *facts.program);
  answer.set("pidfd", facts.has_pidfd);
}

}  // namespace

void handle_who_am_i(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const Caller& caller = context.caller();
  json::Value answer = json::Value::object();
  answer.set("principal", caller.principal);
  show_credential(answer, caller);
  const std::int64_t per_minute = context.requests_per_minute(Scope::none);
  if (per_minute != kNoBound) {
    const Instant now = context.services().clock.now();
    answer.set("requests", allowance_json(context.identity().account().allowance(per_minute, now)));
  }
  show_facts(answer, caller.subject.facts);
  const Policy& policy = context.services().live.policy();
  json::Value grants = json::Value::array();
  for (const Grant* grant : policy.matching(caller.subject)) {
    grants.append(json::Value::of(grant->name));
  }
  context.reply(
      answer.set("grants", grants).set("scopes", names_json(policy.scopes_of(caller.subject))));
}

}  // namespace tokman
