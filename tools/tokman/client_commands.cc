// client: those who have an id and a key with the daemon.
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"
#include "tools/tokman/parameter_options.h"

namespace tokman {
namespace {

ParameterOptions id_option(CLI::App& command, Options& options, const char* field = "id") {
  ParameterOptions which(command, options);
  which.text("id", field, "The client's id");
  return which.called("ID").required();
}

constexpr const char* kVersionHelp = "Only if the client still has this version";
constexpr const char* kKeyHelp = "The file that holds its key, or - for standard input";

// A key goes alone to standard output, so that it can be piped into a file.
Result<int> print_change(const Options& options, const char* method, const json::Value& given,
                         const Names& members) {
  Result<json::Value> reply = call(options, method, given);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  const json::Value key = reply.value().find("key");
  if (!key.exists()) return print_facts(reply.value(), members);
  note_facts(reply.value(), members);
  return print_line(key.as_text().value_or(""));
}

}  // namespace

void declare_client(CLI::App& command, Options& options) { id_option(command, options); }

void declare_client_change(CLI::App& command, Options& options) {
  id_option(command, options).number("--if-version", "if_version", kVersionHelp);
}

void declare_client_put(CLI::App& command, Options& options) {
  id_option(command, options)
      .secret("--key-file", "key", kKeyHelp)
      .flag("--generate-key", "generate_key", "Make a key, and print it this once")
      .text("--owner", "owner", "Whose it is")
      .text("--description", "description", "What it is for")
      .texts("--scope", "scopes", "What it may do, such as github:token; none for nothing")
      .number_map("--max-priority", "max_priority",
                  "The most urgent priority for an app, or * for any other; none for no more")
      .called("APP=NUMBER")
      .numbers("--bind-uid", "bind_uids", "Only users with these numbers may use it; none for any")
      .called("UID")
      .end("When it ends: 90d, 2026-12-31, or never")
      .flag("--disabled", "disabled", "Let it not in")
      .number("--if-version", "if_version", kVersionHelp);
}

void declare_client_list(CLI::App& command, Options& options) {
  ParameterOptions(command, options).page_limit();
}

void declare_client_rotation(CLI::App& command, Options& options) {
  id_option(command, options)
      .secret("--key-file", "key", "The file that holds the new one [one is made, and printed]")
      .length("--overlap", "overlap", "How long the old one works on [not at all]")
      .number("--if-version", "if_version", kVersionHelp);
}

void declare_client_logins(CLI::App& command, Options& options) {
  id_option(command, options).text("--jti", "jti", "Only the login whose JWT has this number");
}

void declare_client_login(CLI::App& command, Options& options) {
  id_option(command, options, "client_id").secret("--key-file", "client_key", kKeyHelp).required();
}

Result<int> run_client_put(const Options& options) {
  return print_change(options, "io.tokman.Clients.Put", options.given, {"created", "version"});
}

Result<int> run_client_get(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Clients.Get", options.given);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_facts(
      reply.value().find("client"),
      {"id", "owner", "description", "scopes", "max_priority", "bind_uids", "expires", "disabled",
       "has_key", "key_created", "former_key_until", "created", "modified", "version", "logins"});
}

Result<int> run_client_list(const Options& options) {
  Result<json::Value> reply = call_for_list(options, "io.tokman.Clients.List", "clients");
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_table({"ID", "OWNER", "SCOPES", "DISABLED", "EXPIRES", "VERSION"},
                     reply.value().find("clients"),
                     {"id", "owner", "scopes", "disabled", "expires", "version"});
}

Result<int> run_client_rotate_key(const Options& options) {
  return print_change(options, "io.tokman.Clients.RotateKey", options.given, {"version"});
}

Result<int> run_client_disable(const Options& options) {
  return print_change(options, "io.tokman.Clients.Disable", options.given, {"version", "ended"});
}

Result<int> run_client_enable(const Options& options) {
  json::Value given = options.given;
  return print_change(options, "io.tokman.Clients.Put", given.set("disabled", false), {"version"});
}

Result<int> run_client_delete(const Options& options) {
  return print_change(options, "io.tokman.Clients.Delete", options.given, {"ended"});
}

Result<int> run_client_logins_revoke(const Options& options) {
  return print_change(options, "io.tokman.Clients.RevokeLogins", options.given, {"revoked"});
}

Result<int> run_client_login(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Access.Authenticate", options.given);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  note_facts(reply.value(), {"expires_at", "scopes", "max_priority"});
  return print_line(reply.value().find("token").as_text().value_or(""));
}

}  // namespace tokman
