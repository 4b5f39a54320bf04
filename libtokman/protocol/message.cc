#include "libtokman/protocol/message.h"

#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/error_names.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

constexpr std::string_view kFrameEnd("\0", 1);

json::Value github_json(const GithubAnswer& github) {
  return json::Value::object()
      .set("status", github.status)
      .set("message", github.message)
      .set("request_id", github.request_id);
}

GithubAnswer github_from_json(const json::Value& value) {
  GithubAnswer github;
  github.status = static_cast<int>(value.find("status").as_int().value_or(0));
  github.message = value.find("message").as_text().value_or("");
  github.request_id = value.find("request_id").as_text().value_or("");
  return github;
}

// The errors of org.varlink.service bring no message, but say what they are about.
std::string message_of(const Reply& reply) {
  if (const auto message = reply.parameters.find("message").as_text()) return std::string(*message);
  std::string message = reply.error;
  for (const char* name : {"method", "interface", "parameter"}) {
    if (const auto about = reply.parameters.find(name).as_text())
      message.append(": ").append(*about);
  }
  return message;
}

}  // namespace

Result<Call> parse_call(std::string_view frame) {
  Result<json::Value> message = json::parse(frame, kJsonDepthMax);
  if (!message.ok()) return message.error();
  Call call;
  std::optional<json::Value> parameters;
  std::optional<bool> oneway, more, upgrade;
  json::ObjectReader reader(message.value());
  reader.field("method", call.method).field("parameters", parameters);
  reader.field("oneway", oneway).field("more", more).field("upgrade", upgrade);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  if (parameters) call.parameters = std::move(*parameters);
  if (call.parameters.exists() && !call.parameters.is_object()) {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "'parameters' must be an object", "parameters"};
  }
  call.oneway = oneway.value_or(false);
  call.more = more.value_or(false);
  call.upgrade = upgrade.value_or(false);
  return call;
}

std::string render_call(const Call& call) {
  json::Value message = json::Value::object().set("method", call.method);
  if (call.parameters.exists()) message.set("parameters", call.parameters);
  if (call.oneway) message.set("oneway", true);
  if (call.more) message.set("more", true);
  return message.dump() + '\0';
}

SecretBytes render_reply(const json::Value& parameters, Continues continues) {
  json::Value message = json::Value::object().set("parameters", parameters);
  if (continues == Continues::yes) message.set("continues", true);
  const SecretBytes text = message.dump_secret();
  return SecretBytes::concat({text.reveal(), kFrameEnd});
}

std::string render_error(std::string_view name, const json::Value& parameters) {
  json::Value message = json::Value::object().set("error", name);
  message.set("parameters", parameters);
  return message.dump() + '\0';
}

std::string render_error(const Error& error) {
  return render_error(wire_error_name(error.code), error_parameters(error));
}

Result<Reply> parse_reply(std::string_view frame) {
  Result<json::Value> message = json::parse(frame, kJsonDepthMax);
  if (!message.ok()) return message.error();
  Reply reply;
  std::optional<std::string> error;
  std::optional<json::Value> parameters;
  std::optional<bool> continues;
  json::ObjectReader reader(message.value());
  reader.field("error", error).field("parameters", parameters).field("continues", continues);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  reply.error = error.value_or("");
  if (parameters) reply.parameters = std::move(*parameters);
  reply.continues = continues.value_or(false);
  return reply;
}

json::Value error_parameters(const Error& error) {
  json::Value parameters = json::Value::object();
  parameters.set("message", error.message);
  parameters.set("retryable", tokman_error_is_retryable(error.code) == 1);
  if (error.retry_after) {
    parameters.set("retry_after_ms", std::int64_t{error.retry_after->count()});
  }
  if (!error.field.empty()) parameters.set("field", error.field);
  if (error.allowance) {
    parameters.set("limit", error.allowance->limit).set("remaining", error.allowance->remaining);
    parameters.set("reset_ms", std::int64_t{error.allowance->reset.count()});
  }
  if (error.github) parameters.set("github", github_json(*error.github));
  return parameters;
}

Error error_from_reply(const Reply& reply) {
  Error error{error_code_from_wire(reply.error), ""};
  const json::Value& parameters = reply.parameters;
  error.message = message_of(reply);
  error.field = parameters.find("field").as_text().value_or("");
  if (const auto wait = parameters.find("retry_after_ms").as_int()) {
    error.retry_after = std::chrono::milliseconds(*wait);
  }
  if (const json::Value github = parameters.find("github"); github.is_object()) {
    error.github = github_from_json(github);
  }
  return error;
}

}  // namespace tokman
