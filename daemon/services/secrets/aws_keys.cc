#include "daemon/services/secrets/aws_keys.h"

#include <stdlib.h>

#include <string>

#include "daemon/domain/config/text_forms.h"
#include "daemon/platform/http/blocking_exchange.h"
#include "daemon/services/secrets/json_secret.h"
#include "daemon/services/secrets/local_secret.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::chrono::seconds kAnswerTimeout{2};

std::string variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? "" : value;
}

Result<AwsKeys> keys_of_environment() {
  const Result<SecretBytes> id = read_local_secret("env:AWS_ACCESS_KEY_ID");
  const Result<SecretBytes> secret = read_local_secret("env:AWS_SECRET_ACCESS_KEY");
  if (!secret.ok()) return secret.error();
  AwsKeys keys{SecretBytes::concat({id.value().reveal(), ":", secret.value().reveal()}), {}};
  Result<SecretBytes> token = read_local_secret("env:AWS_SESSION_TOKEN");
  if (token.ok()) keys.session_token = std::move(token).value();
  return keys;
}

Result<SecretBytes> ask(BlockingRequest request) {
  const HttpLimits limits{.connect = kAnswerTimeout, .total = kAnswerTimeout};
  Result<HttpResponse> answer = exchange(request, limits);
  if (!answer.ok()) return answer.error();
  if (answer.value().status == 200) return std::move(answer.value().body);
  return Error{TOKMAN_E_SECRET_UNAVAILABLE,
               "it answered with status " + std::to_string(answer.value().status)};
}

Result<AwsKeys> parse_keys(const SecretBytes& answer) {
  constexpr std::string_view kWhose = "what it answered";
  const Result<json::Value> object = parse_secret_object(kWhose, answer);
  if (!object.ok()) return object.error();
  const Result<SecretBytes> id = find_secret(kWhose, object.value(), "AccessKeyId");
  if (!id.ok()) return id.error();
  const Result<SecretBytes> secret = find_secret(kWhose, object.value(), "SecretAccessKey");
  if (!secret.ok()) return secret.error();
  Result<SecretBytes> token = find_secret(kWhose, object.value(), "Token");
  if (!token.ok()) return token.error();
  return AwsKeys{SecretBytes::concat({id.value().reveal(), ":", secret.value().reveal()}),
                 std::move(token).value()};
}

// An address with plain HTTP must be one of this host.
Result<BlockingRequest> request_to(const std::string& url) {
  BlockingRequest request;
  request.http.url = url;
  if (url.starts_with("https://")) return request;
  const std::size_t path = url.find('/', std::string_view("http://").size());
  if (!is_metadata_url(url.substr(0, path))) {
    return Error{TOKMAN_E_SECRET_UNAVAILABLE, "its address is neither https nor on this host"};
  }
  request.transport = Transport::plain;
  return request;
}

Result<AwsKeys> keys_of_container(const std::string& url) {
  Result<BlockingRequest> request = request_to(url);
  if (!request.ok()) return request.error();
  const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  Result<SecretBytes> token =
      read_local_secret(file.empty() ? "env:AWS_CONTAINER_AUTHORIZATION_TOKEN" : "file:" + file);
  if (!file.empty() && !token.ok()) return token.error();
  if (token.ok()) request.value().http.authorization = SecretBytes(trim(token.value().reveal()));
  const Result<SecretBytes> answer = ask(std::move(request).value());
  if (!answer.ok()) return answer.error();
  return parse_keys(answer.value());
}

Result<SecretBytes> ask_instance(const std::string& url, const SecretBytes& session) {
  BlockingRequest request;
  request.http.url = url;
  request.secret_header = {"X-aws-ec2-metadata-token", SecretBytes(session.reveal())};
  request.transport = Transport::plain;
  return ask(std::move(request));
}

Result<AwsKeys> keys_of_instance(const std::string& endpoint) {
  BlockingRequest opening;
  opening.http.method = "PUT";
  opening.http.url = endpoint + "/latest/api/token";
  opening.http.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}};
  opening.transport = Transport::plain;
  const Result<SecretBytes> session = ask(std::move(opening));
  if (!session.ok()) return session.error();
  const std::string roles = endpoint + "/latest/meta-data/iam/security-credentials/";
  const Result<SecretBytes> role = ask_instance(roles, session.value());
  if (!role.ok()) return within("the role of this instance", role.error());
  const auto name = split(role.value().reveal(), '\n').front();
  const Result<SecretBytes> answer = ask_instance(roles + std::string(trim(name)), session.value());
  if (!answer.ok()) return answer.error();
  return parse_keys(answer.value());
}

Result<AwsKeys> named(std::string_view source, Result<AwsKeys> keys) {
  if (keys.ok()) return keys;
  Error error = within(source, keys.error());
  error.code = TOKMAN_E_SECRET_UNAVAILABLE;
  return error;
}

}  // namespace

Result<AwsKeys> find_aws_keys(const SecretsConfig& config) {
  if (!variable("AWS_ACCESS_KEY_ID").empty()) {
    return named("AWS keys of the environment", keys_of_environment());
  }
  const std::string path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string url = path.empty() ? variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                       : std::string(kContainerHost) + path;
  if (!url.empty()) return named("AWS keys of this container", keys_of_container(url));
  if (variable("AWS_EC2_METADATA_DISABLED") != "true") {
    return named("AWS keys of this instance", keys_of_instance(config.aws_metadata_endpoint));
  }
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, "there are no AWS keys in the environment"};
}

}  // namespace tokman
