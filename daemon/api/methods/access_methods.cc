// io.tokman.Access: who is asking.
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

json::Value ids_json(const std::vector<gid_t>& ids) {
  json::Value list = json::Value::array();
  for (const gid_t id : ids) list.append(json::Value::of(std::int64_t{id}));
  return list;
}

}  // namespace

void handle_who_am_i(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const Caller& caller = context.caller();
  const PeerFacts& facts = caller.subject.facts;
  json::Value answer = json::Value::object();
  answer.set("principal", caller.principal);
  answer.set("uid", std::int64_t{facts.uid}).set("gid", std::int64_t{facts.gid});
  answer.set("groups", ids_json(facts.groups));
  answer.set("pid", std::int64_t{facts.pid});
  if (facts.user) answer.set("user", *facts.user);
  if (facts.unit) answer.set("unit", *facts.unit);
  if (facts.program) answer.set("program", *facts.program);
  answer.set("pidfd", facts.has_pidfd);
  const Policy& policy = context.services().live.policy();
  json::Value grants = json::Value::array();
  for (const Grant* grant : policy.matching(caller.subject)) {
    grants.append(json::Value::of(grant->name));
  }
  json::Value scopes = json::Value::array();
  for (const std::string& scope : policy.scopes_of(caller.subject)) {
    scopes.append(json::Value::of(scope));
  }
  context.reply(answer.set("grants", grants).set("scopes", scopes));
}

}  // namespace tokman
