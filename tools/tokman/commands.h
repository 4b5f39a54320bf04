#pragma once
// What `tokman` can do. Each command prints its answer and gives the exit status, or an error.
//
// To add a command: declare it here, write it in the file of its group, add a row to kCommands.
#include "libtokman/base/result.h"
#include "tools/tokman/options.h"

namespace tokman {

// token_commands.cc
Result<int> run_get(const Options& options);
Result<int> run_header(const Options& options);
Result<int> run_exec(const Options& options);
Result<int> run_report_rejected(const Options& options);
Result<int> run_revoke(const Options& options);

// doctor_command.cc
Result<int> run_doctor(const Options& options);

// rate_limit_commands.cc
Result<int> run_rate_limit(const Options& options);

// policy_commands.cc
Result<int> run_explain(const Options& options);
Result<int> run_whoami(const Options& options);

// daemon_commands.cc
Result<int> run_status(const Options& options);
Result<int> run_tokens(const Options& options);
Result<int> run_ping(const Options& options);
Result<int> run_reload(const Options& options);
Result<int> run_call(const Options& options);

// webhook_commands.cc
Result<int> run_webhook(const Options& options);

struct Command {
  const char* name;
  const char* help;
  void (*declare)(CLI::App& command, Options& options);
  Result<int> (*run)(const Options& options);
};

inline constexpr Command kCommands[] = {
    {"get", "Print a token", declare_token_to_get, run_get},
    {"header", "Print it as a header, for curl -H @-", declare_token_to_get, run_header},
    {"exec", "Run a program with it in GH_TOKEN and GITHUB_TOKEN", declare_token_and_program,
     run_exec},
    {"report-rejected", "Say that GitHub refused a token", declare_rejected_token,
     run_report_rejected},
    {"revoke", "End a token, or all of an app, for good", declare_revoked_tokens, run_revoke},
    {"explain", "Tell whether you would get it, and why", declare_token, run_explain},
    {"whoami", "Tell who you are to the daemon", declare_nothing, run_whoami},
    {"rate-limit", "Show what is left of an installation's requests", declare_rate_limit,
     run_rate_limit},
    {"status", "Show how the daemon is doing", declare_nothing, run_status},
    {"tokens", "List the cached tokens, without their secrets", declare_nothing, run_tokens},
    {"doctor", "Look at everything, and say what is wrong and what to do", declare_doctor,
     run_doctor},
    {"ping", "See whether the daemon answers", declare_nothing, run_ping},
    {"reload", "Make the daemon read its configuration again", declare_nothing, run_reload},
    {"webhook", "Verify a webhook on standard input, or hand it in", declare_webhook, run_webhook},
    {"call", "Call a method by its name", declare_method, run_call},
};

}  // namespace tokman
