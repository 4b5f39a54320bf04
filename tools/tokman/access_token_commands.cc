// token: the daemon's own access tokens.
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"
#include "tools/tokman/parameter_options.h"

namespace tokman {
namespace {

const Names kFacts = {"key",    "type",    "username", "name",  "service",
                      "scopes", "created", "expires",  "parent"};

// As people read it: a token without an end has one named so.
json::Value readable(json::Value token) {
  if (!token.find("expires").exists()) token.set("expires", "never");
  return token;
}

json::Value readable_list(const json::Value& tokens) {
  json::Value list = json::Value::array();
  for (const json::Value& token : tokens.elements()) list.append(readable(token));
  return list;
}

// The secret goes alone to standard output, so that it can be piped into a file.
Result<int> print_made(const Options& options, const char* method) {
  Result<json::Value> reply = call(options, method, options.given);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  note_facts(readable(reply.value().find("info")), kFacts);
  return print_line(reply.value().find("token").as_text().value_or(""));
}

Result<int> print_info(const Options& options, const char* method) {
  Result<json::Value> reply = call(options, method, options.given);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_facts(readable(reply.value().find("info")), kFacts);
}

ParameterOptions key_option(CLI::App& command, Options& options) {
  ParameterOptions which(command, options);
  which.text("key", "key", "The token's key: what is between tmk_ and the dot").called("KEY");
  return which.required().text("--user", "username", "Whose it must be").called("USER");
}

constexpr const char* kScopesHelp = "What it allows, such as github:token; none for nothing";
constexpr const char* kEndHelp = "When it ends: 90d, 2026-12-31, or never";
constexpr const char* kLifetimeHelp = "It shall live at least this long";

}  // namespace

void declare_token_create(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .text("name", "name", "What you call it")
      .called("NAME")
      .required()
      .texts("--scope", "scopes", kScopesHelp)
      .required()
      .end(kEndHelp);
}

void declare_token_session(CLI::App& command, Options& options) {
  ParameterOptions(command, options).texts("--scope", "scopes", "Only these of yours");
}

void declare_token_admin_create(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .text("username", "username", "Whom it stands for")
      .called("USER")
      .required()
      .text("--type", "type", "user or service")
      .one_of({"user", "service"})
      .required()
      .texts("--scope", "scopes", kScopesHelp)
      .required()
      .text("--name", "name", "What its user calls it")
      .end(kEndHelp);
}

void declare_token_internal(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .text("service", "service", "Who acts for you with it")
      .called("SERVICE")
      .required()
      .texts("--scope", "scopes", kScopesHelp)
      .required()
      .length("--minimum-lifetime", "minimum_lifetime", kLifetimeHelp)
      .text("--on-missing-scope", "on_missing_scope", "drop those that you lack yourself, or error")
      .one_of({"drop", "error"});
}

void declare_token_notebook(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .length("--minimum-lifetime", "minimum_lifetime", kLifetimeHelp);
}

void declare_token_data(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .secret("file", "token", "The file that holds it, or - for standard input")
      .required();
}

void declare_token_info(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .text("key", "key", "The token's key")
      .called("KEY")
      .text("--user", "username", "Whose it must be")
      .called("USER");
}

void declare_token_list(CLI::App& command, Options& options) {
  ParameterOptions(command, options)
      .text("--user", "username", "Of somebody else")
      .called("USER")
      .flag("--all", "all", "Of everybody")
      .texts("--type", "types", "Only these: session, user, notebook, internal, service, oidc")
      .page_limit();
}

void declare_token_modify(CLI::App& command, Options& options) {
  key_option(command, options)
      .text("--name", "name", "What its user calls it")
      .texts("--scope", "scopes", kScopesHelp)
      .end(kEndHelp);
}

void declare_token_delete(CLI::App& command, Options& options) { key_option(command, options); }

Result<int> run_token_create(const Options& options) {
  return print_made(options, "io.tokman.Access.CreateUserToken");
}

Result<int> run_token_session(const Options& options) {
  return print_made(options, "io.tokman.Access.CreateSessionToken");
}

Result<int> run_token_admin_create(const Options& options) {
  return print_made(options, "io.tokman.Access.CreateTokenFromAdminRequest");
}

Result<int> run_token_internal(const Options& options) {
  return print_made(options, "io.tokman.Access.GetInternalToken");
}

Result<int> run_token_notebook(const Options& options) {
  return print_made(options, "io.tokman.Access.GetNotebookToken");
}

Result<int> run_token_oidc(const Options& options) {
  return print_made(options, "io.tokman.Access.CreateOidcToken");
}

Result<int> run_token_data(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Access.GetData", options.given);
  if (!reply.ok()) return reply.error();
  const bool is_active = reply.value().find("active").as_bool().value_or(false);
  Result<int> printed =
      options.json ? print_json(reply.value())
      : is_active  ? print_facts(readable(reply.value().find("data")), kFacts)
                   : print_line("this token is no good: unknown, ended, or not one at all");
  if (!printed.ok()) return printed;
  return is_active ? 0 : -TOKMAN_E_UNAUTHENTICATED;
}

Result<int> run_token_info(const Options& options) {
  return print_info(options, "io.tokman.Access.GetTokenInfo");
}

Result<int> run_token_list(const Options& options) {
  Result<json::Value> reply = call_for_list(options, "io.tokman.Access.ListTokens", "tokens");
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_table({"KEY", "TYPE", "USER", "NAME", "SERVICE", "SCOPES", "EXPIRES"},
                     readable_list(reply.value().find("tokens")),
                     {"key", "type", "username", "name", "service", "scopes", "expires"});
}

Result<int> run_token_modify(const Options& options) {
  return print_info(options, "io.tokman.Access.ModifyToken");
}

Result<int> run_token_delete(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Access.DeleteToken", options.given);
  if (!reply.ok()) return reply.error();
  return options.json ? print_json(reply.value()) : print_facts(reply.value(), {"deleted"});
}

}  // namespace tokman
