// history.
#include <fmt/format.h>

#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"
#include "tools/tokman/parameter_options.h"

namespace tokman {
namespace {

// Whose it was, or which client.
std::string subject_of(const json::Value& entry) {
  std::string client = shown_member(entry, "client");
  if (!client.empty()) return client;
  return fmt::format("{} {}", shown_member(entry, "username"), shown_member(entry, "token"));
}

// Where the call came from: an address, a unit, or a process of the host.
std::string origin_of(const json::Value& entry) {
  for (const char* name : {"ip", "unit", "program"}) {
    if (std::string text = shown_member(entry, name); !text.empty()) return text;
  }
  const std::string uid = shown_member(entry, "uid");
  return uid.empty() ? "" : "uid " + uid;
}

// What it is now, and what it was where that changed.
std::string detail_of(const json::Value& entry) {
  std::string text = shown_member(entry, "detail");
  const auto add = [&](std::string_view name, std::string_view former) {
    const std::string value = shown_member(entry, name);
    const bool has_changed = entry.find(former).exists();
    if (value.empty() && !has_changed) return;
    text += fmt::format("{}{}: ", text.empty() ? "" : "; ", name);
    if (has_changed) text += fmt::format("{} -> ", shown_member(entry, former));
    text += value;
  };
  add("name", "old_name");
  add("service", "");
  add("scopes", "old_scopes");
  add("expires", "old_expires");
  return text;
}

json::Value row_of(const json::Value& entry) {
  json::Value row = json::Value::object();
  row.set("event_time", entry.find("event_time")).set("actor", shown_member(entry, "actor"));
  row.set("action", shown_member(entry, "kind") + " " + shown_member(entry, "action"));
  row.set("from", origin_of(entry)).set("what", subject_of(entry));
  return row.set("type", shown_member(entry, "type")).set("detail", detail_of(entry));
}

}  // namespace

void declare_history(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .flag("--all", "all", "Of everybody, not of you alone")
      .text("--user", "username", "Of this user")
      .called("USER")
      .text("--actor", "actor", "What this one did")
      .called("NAME")
      .text("--key", "key", "Of this token, and of what was made from it")
      .called("KEY")
      .flag("--subtree", "subtree", "And of what was made from that, and so on")
      .text("--client", "client", "Of this client")
      .called("ID")
      .texts("--kind", "kinds", "Only these: token, client")
      .texts("--type", "types", "Only of tokens of these types")
      .texts("--action", "actions", "Only these: create, edit, revoke, expire")
      .number("--uid", "uid", "Asked for by a process of this user")
      .called("UID")
      .number("--gid", "gid", "Asked for by a process of this group")
      .called("GID")
      .text("--unit", "unit", "Asked for by this systemd unit")
      .called("UNIT")
      .text("--ip", "ip_or_cidr", "Asked for over HTTP from there")
      .called("ADDRESS[/BITS]")
      .moment("--since", "since", Direction::ago, "Not before this: 2h for 2 hours ago")
      .moment("--until", "until", Direction::ago, "Not after this")
      .text("--cursor", "cursor", "Go on where another answer ended")
      .called("CURSOR")
      .flag("--count", "count", "Tell how many there are in all")
      .page_limit();
}

Result<int> run_history(const Options& options) {
  Result<json::Value> reply =
      call_for_list(options, "io.tokman.Access.GetChangeHistory", "entries");
  if (!reply.ok()) return reply.error();
  const json::Value& history = reply.value();
  if (options.json) return print_json(history);
  json::Value rows = json::Value::array();
  for (const json::Value& entry : history.find("entries").elements()) rows.append(row_of(entry));
  Result<int> printed =
      print_table({"TIME", "ACTION", "BY", "FROM", "OF", "TYPE", "WHAT"}, rows,
                  {"event_time", "action", "actor", "from", "what", "type", "detail"});
  if (printed.ok()) note_facts(history, {"next", "total"});
  return printed;
}

}  // namespace tokman
