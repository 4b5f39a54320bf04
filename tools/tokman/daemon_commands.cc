// status, tokens, ping, reload, call.
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"

namespace tokman {
namespace {

// A row for each key of each app.
json::Value keys_of(const json::Value& apps) {
  json::Value rows = json::Value::array();
  for (const json::Value& app : apps.elements()) {
    for (const json::Value& key : app.find("keys").elements()) {
      json::Value row = json::Value::object();
      for (const auto& [name, value] : key.members()) row.set(name, value);
      rows.append(row.set("app", app.find("name")));
    }
  }
  return rows;
}

}  // namespace

Result<int> run_status(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Daemon.Status");
  if (!reply.ok()) return reply.error();
  const json::Value& status = reply.value();
  if (options.json) return print_json(status);
  Result<int> printed = print_facts(
      status, {"version", "pid", "started_at", "signer", "signer_restarts", "policy_generation",
               "configuration_error", "connections", "tokens_cached", "hits", "mints",
               "stale_served", "refusals", "revocations_pending", "store", "access"});
  if (printed.ok()) {
    printed =
        print_section({"APP", "API", "MINTS", "FAILED", "BUDGET", "WAITING", "HOST", "PAUSED UNTIL",
                       "CLOCK", "LAST ERROR"},
                      status.find("apps"),
                      {"name", "api_base", "mints", "mint_failures", "mint_budget", "mints_waiting",
                       "host_state", "paused_until", "clock_offset_s", "last_error"});
  }
  if (printed.ok()) {
    printed = print_section({"KEY", "APP", "STATE", "ERROR"}, keys_of(status.find("apps")),
                            {"fingerprint", "app", "state", "error"});
  }
  if (!printed.ok()) return printed;
  return print_section({"REFUSED", "APP", "UNTIL", "CAUSE"}, status.find("negative"),
                       {"target", "app", "until", "cause"});
}

Result<int> run_tokens(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.GitHub.ListTokens");
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_table({"TARGET", "APP", "PERMISSIONS", "EXPIRES", "STATE", "USES"},
                     reply.value().find("tokens"),
                     {"target", "app", "permissions", "expires_at", "state", "uses"});
}

Result<int> run_ping(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Daemon.Ping");
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_line("tokmand " + shown_member(reply.value(), "version") + " answers");
}

Result<int> run_reload(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Daemon.Reload");
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_line("reloaded: policy generation " +
                    shown_member(reply.value(), "policy_generation"));
}

Result<int> run_call(const Options& options) {
  Result<json::Value> parameters = parse_json(options.parameters.c_str());
  if (!parameters.ok()) return within("the parameters", parameters.error());
  Result<json::Value> reply = call(options, options.method.c_str(), parameters.value());
  if (!reply.ok()) return reply.error();
  return print_json(reply.value());
}

}  // namespace tokman
