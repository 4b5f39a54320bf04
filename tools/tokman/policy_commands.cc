// explain, whoami.
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"

namespace tokman {

Result<int> run_explain(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.GitHub.Explain", token_parameters(options));
  if (!reply.ok()) return reply.error();
  const json::Value& answer = reply.value();
  Result<int> printed = options.json ? print_json(answer)
                                     : print_facts(answer, {"allowed", "reason", "grant", "app",
                                                            "permissions", "repositories"});
  if (printed.ok() && !options.json) {
    printed = print_section({"GRANT", "MATCHES", "FAILED CONDITION"}, answer.find("verdicts"),
                            {"grant", "matched", "condition"});
  }
  if (!printed.ok()) return printed;
  return answer.find("allowed").as_bool().value_or(false) ? 0 : -TOKMAN_E_DENIED;
}

Result<int> run_whoami(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Access.WhoAmI");
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_facts(reply.value(),
                     {"principal", "credential", "client", "user", "uid", "gid", "groups", "pid",
                      "pidfd", "unit", "program", "grants", "scopes", "requests"});
}

}  // namespace tokman
