#include "tools/tokman/daemon_calls.h"

#include <tokman/admin.h>

#include <algorithm>

#include "tools/tokman/shown_credential.h"

namespace tokman {
namespace {

constexpr int kJsonDepthMax = 16;
constexpr std::int64_t kPageMax = 1000;

using RequestHandle = std::unique_ptr<tokman_request, FreedBy<tokman_request_free>>;
using ReplyHandle = std::unique_ptr<tokman_reply, FreedBy<tokman_reply_free>>;

GithubAnswer github_answer(const json::Value& github) {
  GithubAnswer answer;
  answer.status = static_cast<int>(github.find("status").as_int().value_or(0));
  answer.message = github.find("message").as_text().value_or("");
  answer.request_id = github.find("request_id").as_text().value_or("");
  return answer;
}

// Why the client's last call failed.
Error failure(int code, tokman_client* client) {
  Error error{.code = static_cast<tokman_error>(code), .message = tokman_error_text(code)};
  if (const char* message = tokman_client_error_message(client); *message != '\0') {
    error.message = message;
  }
  const Result<json::Value> parsed = parse_json(tokman_client_error_json(client));
  if (!parsed.ok()) return error;
  const json::Value& details = parsed.value();
  error.field = details.find("field").as_text().value_or("");
  if (const auto wait_ms = details.find("retry_after_ms").as_int()) {
    error.retry_after = std::chrono::milliseconds(*wait_ms);
  }
  if (const json::Value github = details.find("github"); github.is_object()) {
    error.github = github_answer(github);
  }
  return error;
}

Result<ClientHandle> make_client(const Options& options) {
  tokman_client* made = nullptr;
  if (const int code = tokman_client_new(&made); code != 0) {
    return Error{static_cast<tokman_error>(code), tokman_error_text(code)};
  }
  ClientHandle client(made);
  int code = 0;
  if (options.socket) code = tokman_client_set_socket(made, options.socket->c_str());
  if (code == 0 && options.timeout_ms) {
    code = tokman_client_set_timeout_ms(made, *options.timeout_ms);
  }
  if (code != 0) return failure(code, made);
  const Result<int> shown = show_credential(made, options);
  if (!shown.ok()) return shown.error();
  if (shown.value() != 0) return failure(shown.value(), made);
  return client;
}

int fill(tokman_request* request, const Options& options) {
  int code = 0;
  if (options.app) code = tokman_request_set_app(request, options.app->c_str());
  for (const auto& [name, level] : options.permissions) {
    if (code == 0) code = tokman_request_add_permission(request, name.c_str(), level);
  }
  for (const std::string& name : options.repositories) {
    if (code == 0) code = tokman_request_add_repository(request, name.c_str());
  }
  if (code == 0 && options.min_lifetime_s) {
    code = tokman_request_set_min_lifetime_s(request, *options.min_lifetime_s);
  }
  if (code == 0 && options.priority) code = tokman_request_set_priority(request, *options.priority);
  if (code == 0 && options.rejected) {
    code = tokman_request_set_rejected(request, options.rejected->c_str());
  }
  if (code == 0) code = tokman_request_set_exclusive(request, options.is_exclusive ? 1 : 0);
  return code;
}

Result<RequestHandle> make_request(const Options& options) {
  tokman_request* made = nullptr;
  int code = tokman_request_new(&made, options.target.c_str());
  RequestHandle request(made);
  if (code == 0) code = fill(made, options);
  if (code == 0) return request;
  return Error{static_cast<tokman_error>(code), "an option or the target is empty"};
}

const char* name_of(tokman_access level) {
  if (level == TOKMAN_ACCESS_READ) return "read";
  return level == TOKMAN_ACCESS_WRITE ? "write" : "admin";
}

// NUL-terminated. Parameters may hold a key or a token.
SecretBytes text_of(const json::Value& parameters) {
  const SecretBytes text = parameters.dump_secret();
  return SecretBytes::concat({text.reveal(), std::string_view("\0", 1)});
}

Result<json::Value> read_reply(int code, tokman_reply* made, tokman_client* client) {
  if (code != 0) return failure(code, client);
  const ReplyHandle reply(made);
  return parse_json(tokman_reply_json(made));
}

Result<json::Value> call_over(tokman_client* client, const char* method,
                              const json::Value& parameters) {
  const SecretBytes text = text_of(parameters);
  tokman_reply* reply = nullptr;
  const int code = tokman_admin_call(&reply, client, method, text.reveal().data());
  return read_reply(code, reply, client);
}

}  // namespace

Result<HeldToken> get_token(const Options& options) {
  Result<RequestHandle> request = make_request(options);
  if (!request.ok()) return request.error();
  Result<ClientHandle> client = make_client(options);
  if (!client.ok()) return client.error();
  tokman_token* token = nullptr;
  const int code = tokman_get_token(&token, client.value().get(), request.value().get());
  if (code != 0) return failure(code, client.value().get());
  return HeldToken{std::move(client).value(), TokenHandle(token)};
}

Result<json::Value> call(const Options& options, const char* method,
                         const json::Value& parameters) {
  Result<ClientHandle> client = make_client(options);
  if (!client.ok()) return client.error();
  return call_over(client.value().get(), method,
                   parameters.exists() ? parameters : json::Value::object());
}

Result<json::Value> call_with_body(const Options& options, const char* method,
                                   const json::Value& parameters, std::string_view body) {
  Result<ClientHandle> client = make_client(options);
  if (!client.ok()) return client.error();
  const SecretBytes text = text_of(parameters);
  tokman_reply* reply = nullptr;
  const int code = tokman_admin_call_with_body(&reply, client.value().get(), method,
                                               text.reveal().data(), body.data(), body.size());
  return read_reply(code, reply, client.value().get());
}

Result<json::Value> call_with_file(const Options& options, const char* method, int fd) {
  Result<ClientHandle> client = make_client(options);
  if (!client.ok()) return client.error();
  tokman_reply* reply = nullptr;
  const int code = tokman_admin_call_with_file(&reply, client.value().get(), method, nullptr, fd);
  return read_reply(code, reply, client.value().get());
}

Result<json::Value> call_for_list(const Options& options, const char* method, const char* list) {
  Result<ClientHandle> client = make_client(options);
  if (!client.ok()) return client.error();
  json::Value parameters = options.given;
  json::Value all = json::Value::array();
  for (std::int64_t left = options.limit;;) {
    parameters.set("limit", std::min(left, kPageMax));
    Result<json::Value> page = call_over(client.value().get(), method, parameters);
    if (!page.ok()) return page;
    for (const json::Value& object : page.value().find(list).elements()) all.append(object);
    left = options.limit - static_cast<std::int64_t>(all.elements().size());
    const json::Value next = page.value().find("next");
    if (left <= 0 || !next.as_text()) return page.value().set(list, all);
    parameters.set("cursor", next);
  }
}

json::Value token_parameters(const Options& options) {
  json::Value parameters = json::Value::object().set("target", options.target);
  if (options.app) parameters.set("app", *options.app);
  if (!options.permissions.empty()) {
    json::Value permissions = json::Value::object();
    for (const auto& [name, level] : options.permissions) permissions.set(name, name_of(level));
    parameters.set("permissions", permissions);
  }
  if (!options.repositories.empty()) parameters.set("repositories", options.repositories);
  if (options.min_lifetime_s) {
    parameters.set("min_lifetime", std::int64_t{*options.min_lifetime_s});
  }
  return parameters;
}

Result<json::Value> parse_json(const char* text) { return json::parse(text, kJsonDepthMax); }

}  // namespace tokman
