#include "daemon/services/secrets/aws_secret.h"

#include "daemon/domain/config/text_forms.h"
#include "daemon/platform/http/blocking_exchange.h"
#include "daemon/services/secrets/aws_keys.h"
#include "daemon/services/secrets/json_secret.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

struct AwsPlace {
  std::string region;
  std::string secret;
  std::string member;  // "": the whole secret.
};

AwsPlace parse_place(const std::string& name) {
  const std::size_t hash = std::min(name.find('#'), name.size());
  const std::size_t slash = name.find('/');
  return {name.substr(0, slash), name.substr(slash + 1, hash - slash - 1),
          hash == name.size() ? "" : name.substr(hash + 1)};
}

std::string endpoint_of(const std::string& region, const SecretsConfig& config) {
  if (!config.aws_endpoint.empty()) return config.aws_endpoint;
  const bool is_china = region.starts_with("cn-");
  return "https://secretsmanager." + region + ".amazonaws.com" + (is_china ? ".cn" : "");
}

BlockingRequest make_request(const AwsPlace& place, AwsKeys keys, const SecretsConfig& config) {
  BlockingRequest request;
  request.http.method = "POST";
  request.http.url = endpoint_of(place.region, config) + "/";
  request.http.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                          {"X-Amz-Target", "secretsmanager.GetSecretValue"}};
  request.http.body = json::Value::object().set("SecretId", place.secret).dump();
  request.http.ca_file = config.ca_file;
  request.http.proxy = config.proxy;
  request.signing = {place.region, "secretsmanager", std::move(keys.key)};
  if (!keys.session_token.empty()) {
    request.secret_header = {"X-Amz-Security-Token", std::move(keys.session_token)};
  }
  return request;
}

// "ResourceNotFoundException": AWS's name for it, if that is what it looks like.
Error refused(const HttpResponse& answer) {
  std::string why = "AWS answered with status " + std::to_string(answer.status);
  const Result<json::Value> object = parse_secret_object("the refusal", answer.body);
  if (object.ok()) {
    const auto type = std::string(object.value().find("__type").as_text().value_or(""));
    if (is_name(type)) why += ": " + type;
  }
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, why};
}

Result<SecretBytes> decode_binary(std::string_view text) {
  std::optional<std::string> bytes = from_base64(text);
  if (!bytes) return Error{TOKMAN_E_SECRET_UNAVAILABLE, "AWS's answer is no base64"};
  SecretBytes secret(*bytes);
  wipe_memory(bytes->data(), bytes->size());
  return secret;
}

}  // namespace

Result<SecretBytes> read_aws_secret(const std::string& name, const SecretsConfig& config) {
  const AwsPlace place = parse_place(name);
  Result<AwsKeys> keys = find_aws_keys(config);
  if (!keys.ok()) return keys.error();
  const BlockingRequest request = make_request(place, std::move(keys).value(), config);
  const Result<HttpResponse> answer = exchange(request, {.total = config.timeout});
  if (!answer.ok()) return answer.error();
  if (answer.value().status != 200) return refused(answer.value());
  return parse_aws_answer(answer.value().body, place.member);
}

Result<SecretBytes> parse_aws_answer(const SecretBytes& body, const std::string& member) {
  const Result<json::Value> object = parse_secret_object("AWS's answer", body);
  if (!object.ok()) return object.error();
  const json::Value binary = object.value().find("SecretBinary");
  if (member.empty() && binary.as_text()) return decode_binary(*binary.as_text());
  Result<SecretBytes> text = find_secret("AWS's answer", object.value(), "SecretString");
  if (!text.ok() || member.empty()) return text;
  const Result<json::Value> inner = parse_secret_object("the secret", text.value());
  if (!inner.ok()) return inner.error();
  return find_secret("the secret", inner.value(), member);
}

}  // namespace tokman
