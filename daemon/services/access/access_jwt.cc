#include "daemon/services/access/access_jwt.h"

#include <limits>

#include "daemon/domain/access/client.h"
#include "libtokman/base/encoding.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

// No time that could be meant, and far from what overflows.
constexpr std::int64_t kTimeMax = std::int64_t{1} << 40;

Error refused(const std::string& why) {
  return Error{TOKMAN_E_UNAUTHENTICATED, "the client's JWT " + why};
}

struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
};

Result<Parts> split(std::string_view text) {
  if (text.size() > kAccessJwtBytesMax) return refused("is longer than 4096 bytes");
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) {
    return refused("does not have three parts");
  }
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1)};
}

Result<json::Value> parse_part(std::string_view part, const char* what) {
  const auto text = from_base64url(part);
  if (!text) return refused(std::string("has a ") + what + " that is not base64url");
  Result<json::Value> value = json::parse(*text, kJsonDepthMax);
  if (!value.ok() || !value.value().is_object()) {
    return refused(std::string("has a ") + what + " that is no JSON object");
  }
  return value;
}

Result<std::string> read_kid(std::string_view part) {
  const Result<json::Value> header = parse_part(part, "header");
  if (!header.ok()) return header.error();
  std::string algorithm, type, kid;
  json::ObjectReader reader(header.value());
  reader.field("alg", algorithm).field("typ", type).field("kid", kid);
  if (Result<Done> read = reader.finish(); !read.ok()) {
    return refused("has a header of which " + read.error().message);
  }
  if (algorithm != "EdDSA" || type != "JWT") return refused("is not signed with EdDSA");
  return kid;
}

// Separated by single spaces.
std::optional<ScopeNames> split_scopes(std::string_view text) {
  ScopeNames scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end == 0 || end + 1 == text.size()) return std::nullopt;
    scopes.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

bool is_time(std::int64_t seconds) { return seconds >= 0 && seconds <= kTimeMax; }

Result<JwtClaims> read_claims(std::string_view part) {
  const Result<json::Value> value = parse_part(part, "body");
  if (!value.ok()) return value.error();
  JwtClaims claims;
  std::string subject, scope;
  std::int64_t issued_at = 0, expires_at = 0;
  const Result<Done> read = json::ObjectReader(value.value())
                                .field("iss", claims.issuer)
                                .field("sub", subject)
                                .field("client_id", claims.client_id)
                                .field("iat", issued_at)
                                .field("exp", expires_at)
                                .field("jti", claims.jti)
                                .field("scope", scope)
                                .field("max_priority", claims.max_priority)
                                .finish();
  if (!read.ok()) return refused("has a claim that is wrong: " + read.error().message);
  if (!fits_client_id(claims.client_id)) return refused("names no client");
  if (subject != claims.client_id) return refused("has a subject that is not its client");
  if (!is_time(issued_at) || !is_time(expires_at)) return refused("has a time that is none");
  auto scopes = split_scopes(scope);
  if (!scopes) return refused("has a list of scopes that is none");
  claims.scopes = *std::move(scopes);
  claims.issued_at = UnixTime(std::chrono::seconds(issued_at));
  claims.expires_at = UnixTime(std::chrono::seconds(expires_at));
  return claims;
}

}  // namespace

Result<ParsedJwt> parse_access_jwt(std::string_view text) {
  const Result<Parts> parts = split(text);
  if (!parts.ok()) return parts.error();
  Result<std::string> kid = read_kid(parts.value().header);
  if (!kid.ok()) return kid.error();
  Result<JwtClaims> claims = read_claims(parts.value().claims);
  if (!claims.ok()) return claims.error();
  const auto signature = from_base64url(parts.value().signature);
  if (!signature) return refused("has a signature that is not base64url");
  const std::size_t signed_bytes = text.size() - parts.value().signature.size() - 1;
  return ParsedJwt{std::move(kid).value(), std::string(text.substr(0, signed_bytes)), *signature,
                   std::move(claims).value()};
}

}  // namespace tokman
