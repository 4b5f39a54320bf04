#pragma once
// What `tokman` can do. Each command prints its answer and gives the exit status, or an error.
//
// To add a command: declare it here, write it in the file of its subject, add a row to kCommands. A
// name of two words is a command of a group.
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

// store_commands.cc
Result<int> run_backup(const Options& options);
Result<int> run_restore(const Options& options);

// webhook_commands.cc
Result<int> run_webhook(const Options& options);

// access_token_commands.cc
void declare_token_create(CLI::App& command, Options& options);
void declare_token_session(CLI::App& command, Options& options);
void declare_token_admin_create(CLI::App& command, Options& options);
void declare_token_internal(CLI::App& command, Options& options);
void declare_token_notebook(CLI::App& command, Options& options);
void declare_token_data(CLI::App& command, Options& options);
void declare_token_info(CLI::App& command, Options& options);
void declare_token_list(CLI::App& command, Options& options);
void declare_token_modify(CLI::App& command, Options& options);
void declare_token_delete(CLI::App& command, Options& options);
Result<int> run_token_create(const Options& options);
Result<int> run_token_session(const Options& options);
Result<int> run_token_admin_create(const Options& options);
Result<int> run_token_internal(const Options& options);
Result<int> run_token_notebook(const Options& options);
Result<int> run_token_oidc(const Options& options);
Result<int> run_token_data(const Options& options);
Result<int> run_token_info(const Options& options);
Result<int> run_token_list(const Options& options);
Result<int> run_token_modify(const Options& options);
Result<int> run_token_delete(const Options& options);

// client_commands.cc
void declare_client(CLI::App& command, Options& options);
void declare_client_change(CLI::App& command, Options& options);
void declare_client_put(CLI::App& command, Options& options);
void declare_client_list(CLI::App& command, Options& options);
void declare_client_rotation(CLI::App& command, Options& options);
void declare_client_logins(CLI::App& command, Options& options);
void declare_client_login(CLI::App& command, Options& options);
Result<int> run_client_put(const Options& options);
Result<int> run_client_get(const Options& options);
Result<int> run_client_list(const Options& options);
Result<int> run_client_rotate_key(const Options& options);
Result<int> run_client_disable(const Options& options);
Result<int> run_client_enable(const Options& options);
Result<int> run_client_delete(const Options& options);
Result<int> run_client_logins_revoke(const Options& options);
Result<int> run_client_login(const Options& options);

// history_commands.cc
void declare_history(CLI::App& command, Options& options);
Result<int> run_history(const Options& options);

// maintenance_commands.cc
void declare_audit(CLI::App& command, Options& options);
void declare_end_of_all(CLI::App& command, Options& options);
Result<int> run_audit(const Options& options);
Result<int> run_expire_tokens(const Options& options);
void declare_history_cut(CLI::App& command, Options& options);
Result<int> run_truncate_history(const Options& options);
Result<int> run_delete_all_tokens(const Options& options);
Result<int> run_rotate_store_key(const Options& options);

struct Group {
  const char* name;
  const char* help;
};

inline constexpr Group kGroups[] = {
    {"token", "Make, list, change and end access tokens of the daemon"},
    {"client", "Those who have an id and a key with the daemon"},
};

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
    {"backup", "Write a copy of the store to a file, still sealed", declare_backup, run_backup},
    {"restore", "Put a backup in the place of the store; stop tokmand before", declare_restore,
     run_restore},
    {"webhook", "Verify a webhook on standard input, or hand it in", declare_webhook, run_webhook},
    {"token create", "Make one for yourself, and print it", declare_token_create, run_token_create},
    {"token session", "Make one for yourself that ends soon", declare_token_session,
     run_token_session},
    {"token admin-create", "Make one for somebody else", declare_token_admin_create,
     run_token_admin_create},
    {"token internal", "Print one for a service that acts for you", declare_token_internal,
     run_token_internal},
    {"token notebook", "Print one for code of yours that runs elsewhere", declare_token_notebook,
     run_token_notebook},
    {"token oidc", "Make one that only says who you are", declare_nothing, run_token_oidc},
    {"token data", "Tell whether a token is good, and what it says", declare_token_data,
     run_token_data},
    {"token info", "Tell about one, or about that in --auth-file", declare_token_info,
     run_token_info},
    {"token list", "List them, without their secrets", declare_token_list, run_token_list},
    {"token modify", "Change one", declare_token_modify, run_token_modify},
    {"token delete", "End one and all that were made from it", declare_token_delete,
     run_token_delete},
    {"client put", "Make one, or change what is given of it", declare_client_put, run_client_put},
    {"client get", "Show one", declare_client, run_client_get},
    {"client list", "List them", declare_client_list, run_client_list},
    {"client rotate-key", "Give one a new key", declare_client_rotation, run_client_rotate_key},
    {"client disable", "End its logins, and let it in no more", declare_client_change,
     run_client_disable},
    {"client enable", "Let it in again", declare_client_change, run_client_enable},
    {"client delete", "End it for good", declare_client_change, run_client_delete},
    {"client logins-revoke", "End its logins; it may log in again", declare_client_logins,
     run_client_logins_revoke},
    {"client login", "Print a JWT for its key", declare_client_login, run_client_login},
    {"history", "Show what was done to access tokens and clients", declare_history, run_history},
    {"truncate-history", "Forget what is older than a moment", declare_history_cut,
     run_truncate_history},
    {"audit", "Look for what is wrong in the store", declare_audit, run_audit},
    {"expire-tokens", "Remove the access tokens that have ended", declare_nothing,
     run_expire_tokens},
    {"delete-all-tokens", "End all access tokens and logins", declare_end_of_all,
     run_delete_all_tokens},
    {"rotate-store-key", "Seal the store under a new key", declare_nothing, run_rotate_store_key},
    {"call", "Call a method by its name", declare_method, run_call},
};

}  // namespace tokman
