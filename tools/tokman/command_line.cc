#include "tools/tokman/command_line.h"

#include <CLI/CLI.hpp>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr const char* kVersion = "tokman " TOKMAN_PROJECT_VERSION "\n";

CLI::App& declare_group(CLI::App& app, const std::string& name) {
  CLI::App* group = app.add_subcommand(name);
  for (const auto& [known, help] : kGroups) {
    if (name == known) group->description(help);
  }
  group->fallthrough()->require_subcommand(1);
  return *group;
}

// Where the command is declared: "token create" in the group "token", "get" in the program itself.
CLI::App& home_of(CLI::App& app, std::string_view& name) {
  const std::size_t space = name.find(' ');
  if (space == name.npos) return app;
  const std::string group(name.substr(0, space));
  name.remove_prefix(space + 1);
  const auto declared =
      app.get_subcommands([&](const CLI::App* it) { return it->get_name() == group; });
  return declared.empty() ? declare_group(app, group) : *declared.front();
}

void declare(CLI::App& app, Options& options, const Command*& chosen) {
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Subcommands", "Commands");
  app.footer("The exit status is 0, or the number of the error: tokman(1) lists them.");
  app.set_version_flag("--version", kVersion, "Print the version and exit");
  declare_for_all(app, options);
  for (const Command& command : kCommands) {
    std::string_view name = command.name;
    CLI::App& home = home_of(app, name);
    CLI::App* declared = home.add_subcommand(std::string(name), command.help);
    declared->fallthrough();
    declared->footer(
        "All commands take --json, --socket, --timeout and --auth-file: see tokman --help.");
    command.declare(*declared, options);
    declared->callback([&chosen, &command] { chosen = &command; });
  }
}

// The program, or the group of commands that was named.
const CLI::App& named_home(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return named.empty() ? app : *named.front();
}

Error no_such_command(const CLI::App& home, std::string_view name) {
  std::vector<std::string> commands;
  for (const CLI::App* command : home.get_subcommands({})) commands.push_back(command->get_name());
  const std::vector<std::string_view> names(commands.begin(), commands.end());
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
    const auto others = app.remaining(true);
    const CLI::App& home = named_home(app);
    const bool has_no_command = home.get_subcommands().empty() && !home.get_subcommands({}).empty();
    if (has_no_command && !others.empty() && !others.front().starts_with('-')) {
      return no_such_command(home, others.front());
    }
    return Error{TOKMAN_E_INVALID_ARGUMENT, mistake.what()};
  }
  if (chosen == nullptr) return Error{TOKMAN_E_INVALID_ARGUMENT, "a command is needed"};
  return chosen;
}

}  // namespace tokman
