#include "daemon/domain/access/access_token.h"

#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

bool is_part(std::string_view text) {
  return text.size() == kAccessTokenPartChars && from_base64url(text).has_value();
}

std::string make_part(Random& random) {
  std::array<char, kAccessTokenPartBytes> bytes = {};
  random.fill(bytes.data(), bytes.size());
  return base64url({bytes.data(), bytes.size()});
}

}  // namespace

SecretBytes AccessToken::text() const {
  return SecretBytes::concat({kAccessTokenPrefix, key, ".", secret.reveal()});
}

std::optional<AccessToken> parse_access_token(std::string_view text) {
  if (!text.starts_with(kAccessTokenPrefix)) return std::nullopt;
  text.remove_prefix(kAccessTokenPrefix.size());
  if (text.size() != 2 * kAccessTokenPartChars + 1) return std::nullopt;
  const std::string_view key = text.substr(0, kAccessTokenPartChars);
  const std::string_view secret = text.substr(kAccessTokenPartChars + 1);
  if (text[kAccessTokenPartChars] != '.' || !is_part(key) || !is_part(secret)) return std::nullopt;
  return AccessToken{std::string(key), SecretBytes(secret)};
}

bool is_access_token_key(std::string_view text) { return is_part(text); }

AccessToken make_access_token(Random& random) {
  std::string key = make_part(random);
  return {std::move(key), SecretBytes(make_part(random))};
}

}  // namespace tokman
