#include "daemon/services/secrets/json_secret.h"

#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

Error unusable(std::string_view whose, const std::string& what) {
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, std::string(whose) + " " + what};
}

}  // namespace

Result<json::Value> parse_secret_object(std::string_view whose, const SecretBytes& text) {
  Result<json::Value> parsed = json::parse(text.reveal(), kJsonDepthMax);
  if (!parsed.ok() || !parsed.value().is_object()) return unusable(whose, "is no JSON object");
  return parsed;
}

Result<SecretBytes> find_secret(std::string_view whose, const json::Value& object,
                                std::string_view member) {
  const json::Value value = object.find(member);
  const auto text = value.as_text();
  if (!text) return unusable(whose, "has no text named '" + std::string(member) + "'");
  return SecretBytes(*text);
}

}  // namespace tokman
