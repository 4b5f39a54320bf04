#include "tools/tokman/command_line.h"

#include <CLI/CLI.hpp>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr const char* kVersion = "tokman " TOKMAN_PROJECT_VERSION "\n";

void declare(CLI::App& app, Options& options, const Command*& chosen) {
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Subcommands", "Commands");
  app.footer("The exit status is 0, or the number of the error: tokman(1) lists them.");
  app.set_version_flag("--version", kVersion, "Print the version and exit");
  declare_for_all(app, options);
  for (const Command& command : kCommands) {
    CLI::App* declared = app.add_subcommand(command.name, command.help);
    declared->fallthrough();
    declared->footer("All commands take --json, --socket and --timeout: see tokman --help.");
    command.declare(*declared, options);
    declared->callback([&chosen, &command] { chosen = &command; });
  }
}

Error no_such_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  std::string message = "there is no command '" + std::string(name) + "'";
  if (const auto similar = nearest(name, names)) {
    message += ": did you mean '" + std::string(*similar) + "'?";
  }
  return Error{TOKMAN_E_INVALID_ARGUMENT, message};
}

}  // namespace

Result<const Command*> read_command_line(int count, char** arguments, Options& options) {
  CLI::App app("GitHub App installation tokens from the local tokman daemon.", "tokman");
  const Command* chosen = nullptr;
  declare(app, options, chosen);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& asked) {
    app.exit(asked);
    return nullptr;
  } catch (const CLI::ParseError& mistake) {
    const auto others = app.remaining();
    const bool is_command = app.get_subcommands().empty() && !others.empty();
    if (is_command && !others.front().starts_with('-')) return no_such_command(others.front());
    return Error{TOKMAN_E_INVALID_ARGUMENT, mistake.what()};
  }
  if (chosen == nullptr) return Error{TOKMAN_E_INVALID_ARGUMENT, "a command is needed"};
  return chosen;
}

}  // namespace tokman
