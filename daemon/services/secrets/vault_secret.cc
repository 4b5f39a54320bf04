#include "daemon/services/secrets/vault_secret.h"

#include "daemon/platform/http/blocking_exchange.h"
#include "daemon/services/secrets/json_secret.h"
#include "daemon/services/secrets/local_secret.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

Result<HttpResponse> ask(const std::string& path, const SecretsConfig& config) {
  const Result<SecretBytes> token = read_local_secret(config.vault_token);
  if (!token.ok()) return within("the token for Vault", token.error());
  const std::size_t slash = path.find('/');
  BlockingRequest request;
  request.http.url =
      config.vault_address + "/v1/" + path.substr(0, slash) + "/data" + path.substr(slash);
  request.http.headers = {{"X-Vault-Request", "true"}};
  if (!config.vault_namespace.empty()) {
    request.http.headers["X-Vault-Namespace"] = config.vault_namespace;
  }
  request.http.ca_file = config.ca_file;
  request.http.proxy = config.proxy;
  request.secret_header = {"X-Vault-Token", SecretBytes(trim(token.value().reveal()))};
  return exchange(request, {.total = config.timeout});
}

Error refused(int status) {
  std::string why = "Vault answered with status " + std::to_string(status);
  if (status == 403) why += ": the token is not valid, or may not read this";
  if (status == 404) why += ": there is no such secret, or its last version was deleted";
  if (status == 503) why += ": it is sealed";
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, why};
}

}  // namespace

Result<SecretBytes> read_vault_secret(const std::string& name, const SecretsConfig& config) {
  const std::size_t hash = name.find('#');
  const Result<HttpResponse> answer = ask(name.substr(0, hash), config);
  if (!answer.ok()) return answer.error();
  if (answer.value().status != 200) return refused(answer.value().status);
  return parse_vault_answer(answer.value().body, name.substr(hash + 1));
}

Result<SecretBytes> parse_vault_answer(const SecretBytes& body, const std::string& field) {
  const Result<json::Value> object = parse_secret_object("Vault's answer", body);
  if (!object.ok()) return object.error();
  return find_secret("the secret", object.value().find("data").find("data"), field);
}

}  // namespace tokman
