#pragma once
// What was given on the command line.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tokman/tokman.h>

#include "libtokman/json/value.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name.
class App;
}

namespace tokman {

struct Options {
  bool json = false;
  std::optional<std::string> socket;
  std::optional<std::uint32_t> timeout_ms;
  std::optional<std::string> auth_file;  // What to be judged by in place of the process.

  std::string target;  // "owner/repository" or "owner".
  std::optional<std::string> app;
  std::map<std::string, tokman_access> permissions;
  std::vector<std::string> repositories;
  std::optional<std::uint32_t> min_lifetime_s;
  std::optional<std::uint32_t> priority;
  std::optional<std::string> rejected;  // Fingerprint of the token that GitHub refused.
  bool is_exclusive = false;

  std::optional<std::string> fingerprint;  // report-rejected, revoke: of which token.

  bool fresh = false;          // rate-limit: ask GitHub.
  bool only_verifies = false;  // webhook: what to do with it,
  std::string event;           // and what GitHub's headers say of it.
  std::string delivery;
  std::string signature;
  std::optional<std::int64_t> target_id;

  json::Value given = json::Value::object();  // Parameters of the method, by their names there.
  std::int64_t limit = 100;                   // Of lists: how many at most.

  std::string file;                   // backup: to be made; restore: to be read,
  std::optional<std::string> config;  // by this configuration of tokmand.

  std::vector<std::string> program;  // exec: what to run, and its arguments.
  std::string method;                // call: its full name,
  std::string parameters = "{}";     // and a JSON object.
};

// What a command takes besides --json, --socket, --timeout and --auth-file, which all take.
// `options` must outlive the parsing.
void declare_for_all(CLI::App& command, Options& options);
void declare_nothing(CLI::App& command, Options& options);
void declare_token(CLI::App& command, Options& options);
void declare_token_to_get(CLI::App& command, Options& options);
void declare_rejected_token(CLI::App& command, Options& options);
void declare_revoked_tokens(CLI::App& command, Options& options);
void declare_token_and_program(CLI::App& command, Options& options);
void declare_doctor(CLI::App& command, Options& options);
void declare_rate_limit(CLI::App& command, Options& options);
void declare_backup(CLI::App& command, Options& options);
void declare_restore(CLI::App& command, Options& options);
void declare_webhook(CLI::App& command, Options& options);
void declare_method(CLI::App& command, Options& options);

}  // namespace tokman
