// audit, expire-tokens, truncate-history, delete-all-tokens, rotate-store-key.
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"
#include "tools/tokman/parameter_options.h"

namespace tokman {
namespace {

constexpr int kFindings = 1;
constexpr int kAuditFailed = 2;

// It takes as long as the store is large; who is in a hurry says so.
Result<json::Value> call_patiently(Options options, const char* method) {
  if (!options.timeout_ms) options.timeout_ms = 0;
  return call(options, method, options.given);
}

Result<int> print_outcome(const Options& options, const char* method, const Names& members) {
  Result<json::Value> reply = call_patiently(options, method);
  if (!reply.ok()) return reply.error();
  return options.json ? print_json(reply.value()) : print_facts(reply.value(), members);
}

Result<int> print_findings(const Options& options, const json::Value& reply) {
  if (options.json) return print_json(reply);
  const json::Value findings = reply.find("findings");
  if (findings.elements().empty()) return print_line("nothing is wrong in the store");
  const Result<int> printed = print_table({"CHECK", "TABLE", "KEY", "FIXED", "WHAT IS WRONG"},
                                          findings, {"check", "table", "key", "fixed", "detail"});
  const bool has_more = reply.find("more").as_bool().value_or(false);
  return printed.ok() && has_more ? print_line("there is more: audit again") : printed;
}

}  // namespace

void declare_audit(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .flag("--fix", "fix", "Mend what can be mended")
      .flag("--orphans", "orphans", "With --fix: end tokens whose parent is gone, too")
      .further("The exit status is 0 if nothing was found, 1 if something was, 2 if it failed.");
}

void declare_history_cut(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .moment("--before", "before", Direction::ago, "What is older [as the configuration says]");
}

void declare_end_of_all(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .flag("--confirm", "confirm", "Yes, all of them: everybody has to log in again")
      .required()
      .flag("--forget-history", "forget_history", "Empty the history, too");
}

Result<int> run_audit(const Options& options) {
  Result<json::Value> reply = call_patiently(options, "io.tokman.Daemon.Audit");
  const Result<int> printed =
      reply.ok() ? print_findings(options, reply.value()) : Result<int>(reply.error());
  if (!printed.ok()) {
    report(printed.error(), options);
    return kAuditFailed;
  }
  return reply.value().find("findings").elements().empty() ? 0 : kFindings;
}

Result<int> run_expire_tokens(const Options& options) {
  return print_outcome(options, "io.tokman.Daemon.ExpireTokens", {"expired"});
}

Result<int> run_truncate_history(const Options& options) {
  return print_outcome(options, "io.tokman.Daemon.TruncateHistory", {"removed"});
}

Result<int> run_delete_all_tokens(const Options& options) {
  return print_outcome(options, "io.tokman.Daemon.DeleteAllTokens", {"deleted"});
}

Result<int> run_rotate_store_key(const Options& options) {
  return print_outcome(options, "io.tokman.Daemon.RotateStoreKey", {"key_id", "started"});
}

}  // namespace tokman
