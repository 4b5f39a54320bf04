// get, header, exec, report-rejected, revoke.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"
#include "tools/tokman/waited_program.h"

namespace tokman {
namespace {

// As a shell has it: not found, and found but not to be run.
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;

// The arguments, and the NULL that execvp() wants at their end.
std::vector<char*> pointers_to(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs the program in the place of this one; comes back only if that fails.
int become(const Options& options) {
  std::vector<std::string> program = options.program;
  execvp(program.front().c_str(), pointers_to(program).data());
  const int fault = errno;
  report(Error{TOKMAN_E_SYSTEM, "running " + program.front() + ": " + strerrordesc_np(fault)},
         options);
  return fault == ENOENT ? kNotFound : kNotExecutable;
}

}  // namespace

Result<int> run_get(const Options& options) {
  Result<HeldToken> token = get_token(options);
  if (!token.ok()) return token.error();
  const char* secret = token.value().secret();
  if (!options.json) return print_line(secret);
  Result<json::Value> facts = parse_json(tokman_token_json(token.value().token.get()));
  if (!facts.ok()) return facts.error();
  return print_json(facts.value().set("token", secret));
}

Result<int> run_header(const Options& options) {
  Result<HeldToken> token = get_token(options);
  if (!token.ok()) return token.error();
  const std::string value = std::string("Bearer ") + token.value().secret();
  if (options.json) return print_json(json::Value::object().set("Authorization", value));
  return print_line("Authorization: " + value);
}

Result<int> run_exec(const Options& options) {
  Result<HeldToken> token = get_token(options);
  if (!token.ok()) return token.error();
  const char* secret = token.value().secret();
  if (setenv("GH_TOKEN", secret, 1) != 0 || setenv("GITHUB_TOKEN", secret, 1) != 0) {
    return Error{TOKMAN_E_NO_MEMORY, "no memory for the program's environment"};
  }
  return options.is_exclusive ? wait_for_program([&] { return become(options); }) : become(options);
}

Result<int> run_report_rejected(const Options& options) {
  json::Value parameters = token_parameters(options).set("fingerprint", *options.fingerprint);
  Result<json::Value> reply = call(options, "io.tokman.GitHub.ReportRejected", parameters);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_facts(reply.value(), {"dropped", "reason", "retry_after_ms"});
}

Result<int> run_revoke(const Options& options) {
  json::Value parameters = json::Value::object();
  if (options.fingerprint) parameters.set("fingerprint", *options.fingerprint);
  if (options.app) parameters.set("app", *options.app);
  Result<json::Value> reply = call(options, "io.tokman.GitHub.Revoke", parameters);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_facts(reply.value(), {"revoked", "pending"});
}

}  // namespace tokman
