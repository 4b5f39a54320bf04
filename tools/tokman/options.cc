#include "tools/tokman/options.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

// "10m", "90s" or "250ms"; without a unit, seconds.
std::uint32_t read_duration_ms(const std::string& text) {
  auto duration = parse_duration(text);
  if (!duration) duration = parse_duration(text + "s");
  if (!duration || duration->count() > std::numeric_limits<std::uint32_t>::max()) {
    throw CLI::ValidationError("'" + text + "' is no duration such as 30s, 10m or 600");
  }
  return static_cast<std::uint32_t>(duration->count());
}

void read_permission(const std::string& text, Options& options) {
  constexpr std::pair<std::string_view, tokman_access> kLevels[] = {
      {"read", TOKMAN_ACCESS_READ}, {"write", TOKMAN_ACCESS_WRITE}, {"admin", TOKMAN_ACCESS_ADMIN}};
  const auto parts = split(text, '=');
  for (const auto& [name, level] : kLevels) {
    if (parts.size() != 2 || parts[0].empty() || parts[1] != name) continue;
    options.permissions[std::string(parts[0])] = level;
    return;
  }
  throw CLI::ValidationError("'" + text + "' is no permission such as contents=read");
}

void declare_target(CLI::App& command, Options& options) {
  command.add_option("target", options.target, "A repository, or all of an owner's")
      ->type_name("OWNER[/REPO]")
      ->required();
  command.add_option("--app", options.app, "The app, where several would do");
}

}  // namespace

void declare_for_all(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "Answer in JSON");
  command.add_option("--socket", options.socket,
                     "The daemon's socket [$TOKMAN_SOCKET, else /run/tokman/tokman.sock]");
  const auto timeout = [&options](const std::string& text) {
    options.timeout_ms = read_duration_ms(text);
  };
  command.add_option_function<std::string>("--timeout", timeout, "Give up after this time [30s]")
      ->type_name("TIME");
  command
      .add_option("--auth-file", options.auth_file,
                  "An access token or JWT to be judged by, - for standard input [a client's "
                  "$TOKMAN_CLIENT_ID and $TOKMAN_CLIENT_KEY_FILE, else $TOKMAN_AUTH_FILE]")
      ->type_name("FILE");
}

void declare_nothing(CLI::App&, Options&) {}

void declare_token(CLI::App& command, Options& options) {
  declare_target(command, options);
  const auto permission = [&options](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) read_permission(text, options);
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--permission", permission, "Ask for this and nothing else, such as contents=read")
      ->type_name("NAME=LEVEL")
      ->allow_extra_args(false);
  command.add_option("--repository", options.repositories, "A further one of the same owner")
      ->type_name("REPO")
      ->allow_extra_args(false);
  const auto lifetime = [&options](const std::string& text) {
    options.min_lifetime_s = read_duration_ms(text) / 1000;
  };
  command
      .add_option_function<std::string>("--min-lifetime", lifetime,
                                        "The token shall live at least this long [5m]")
      ->type_name("TIME");
}

void declare_token_to_get(CLI::App& command, Options& options) {
  declare_token(command, options);
  command
      .add_option("--priority", options.priority, "Who goes first if mints have to wait: 0..1000")
      ->type_name("NUMBER")
      ->check(CLI::Range(0, 1000));
  command
      .add_option("--rejected", options.rejected, "The token that GitHub has refused, for a new")
      ->type_name("FINGERPRINT");
}

void declare_rejected_token(CLI::App& command, Options& options) {
  declare_token(command, options);
  command.add_option("fingerprint", options.fingerprint, "Of the token that GitHub has refused")
      ->type_name("FINGERPRINT")
      ->required();
}

void declare_revoked_tokens(CLI::App& command, Options& options) {
  auto* which = command.add_option_group("which", "One of these");
  which->add_option("fingerprint", options.fingerprint, "One token: your own exclusive one, or any")
      ->type_name("FINGERPRINT");
  which->add_option("--app", options.app, "All tokens of an app");
  which->require_option(1);
}

void declare_token_and_program(CLI::App& command, Options& options) {
  declare_token_to_get(command, options);
  command.add_flag("--exclusive", options.is_exclusive,
                   "A token for this program alone, revoked when the program ends");
  command.add_option("program", options.program, "After --: what to run, and its arguments")
      ->type_name("PROGRAM")
      ->required();
}

void declare_doctor(CLI::App& command, Options&) {
  command.description(command.get_description() +
                      ".\nThe exit status is 0 if all is good, 1 if something is doubtful, 2 if "
                      "something is bad;\nother errors keep their numbers. Without a daemon: "
                      "tokmand --doctor");
}

void declare_rate_limit(CLI::App& command, Options& options) {
  declare_target(command, options);
  command.add_flag("--fresh", options.fresh, "Ask GitHub");
}

void declare_backup(CLI::App& command, Options& options) {
  command.add_option("file", options.file, "Does not exist yet")->type_name("FILE")->required();
}

void declare_restore(CLI::App& command, Options& options) {
  command.add_option("file", options.file, "What tokman backup wrote")
      ->type_name("FILE")
      ->required();
  command.add_option("--config", options.config, "Of tokmand [/etc/tokman/tokman.toml]");
}

void declare_webhook(CLI::App& command, Options& options) {
  const auto step = [&options](const std::string& text) {
    options.only_verifies = text == "verify";
  };
  command.add_option_function<std::string>("step", step, "verify, or handle: verify and apply")
      ->type_name("STEP")
      ->required()
      ->check(CLI::IsMember({"verify", "handle"}));
  command.add_option("--app", options.app, "The app, where there are several");
  command.add_option("--signature", options.signature, "X-Hub-Signature-256")->required();
  command.add_option("--event", options.event, "X-GitHub-Event");
  command.add_option("--delivery", options.delivery, "X-GitHub-Delivery");
  command.add_option("--target-id", options.target_id, "X-GitHub-Hook-Installation-Target-ID");
}

void declare_method(CLI::App& command, Options& options) {
  command.add_option("method", options.method, "Such as io.tokman.Daemon.Status")
      ->type_name("METHOD")
      ->required();
  command.add_option("parameters", options.parameters, "A JSON object")->type_name("JSON");
}

}  // namespace tokman
