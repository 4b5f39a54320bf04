// rate-limit.
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"

namespace tokman {

Result<int> run_rate_limit(const Options& options) {
  json::Value parameters = json::Value::object();
  parameters.set("target", options.target).set("fresh", options.fresh);
  if (options.app) parameters.set("app", *options.app);
  Result<json::Value> reply = call(options, "io.tokman.GitHub.GetRateLimit", parameters);
  if (!reply.ok()) return reply.error();
  const json::Value& limits = reply.value();
  if (options.json) return print_json(limits);
  if (limits.find("resources").elements().empty()) {
    return print_line("nothing was seen of installation " +
                      shown_member(limits, "installation_id") +
                      (options.fresh ? "" : "; --fresh asks GitHub"));
  }
  return print_table({"RESOURCE", "LIMIT", "LEFT", "USED", "RESETS", "SEEN", "SOURCE"},
                     limits.find("resources"),
                     {"resource", "limit", "remaining", "used", "reset", "seen_at", "source"});
}

}  // namespace tokman
