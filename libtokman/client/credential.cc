#include "libtokman/client/credential.h"

#include <algorithm>
#include <limits>

#include "libtokman/client/reply_text.h"
#include "libtokman/client/token_reply.h"

namespace tokman {
namespace {

constexpr std::string_view kParameters = R"("parameters":{)";
constexpr std::string_view kFrameEnd("}}\0", 3);

// How a character stands in a JSON string: nothing is left behind that holds the secret.
struct Escaped {
  char bytes[6];
  std::size_t size;

  std::string_view text() const { return {bytes, size}; }
};

Escaped escaped(char letter) {
  constexpr const char* kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(letter);
  if (letter == '"' || letter == '\\') return {{'\\', letter}, 2};
  if (byte >= ' ') return {{letter}, 1};
  return {{'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]}, 6};
}

SecretBytes quoted(std::string_view text) {
  std::size_t size = 2;
  for (const char letter : text) size += escaped(letter).size;
  SecretBytes made = SecretBytes::with_size(size);
  char* at = made.writable();
  *at++ = '"';
  for (const char letter : text) {
    const Escaped one = escaped(letter);
    at = std::copy_n(one.bytes, one.size, at);
  }
  *at = '"';
  return made;
}

SecretBytes auth_parameter(std::string_view token) {
  return SecretBytes::concat({R"("auth":)", quoted(token).reveal()});
}

std::uint32_t milliseconds_of(std::int64_t seconds) {
  constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max() / 1000;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, kMax) * 1000);
}

// 0 would be never.
Deadline moment_in_ms(std::uint32_t ms) { return Deadline::in_ms(std::max(ms, std::uint32_t{1})); }

}  // namespace

Result<Credential> Credential::of_token(std::string_view token) {
  if (!is_plain_token(token)) {
    return Error{
        TOKMAN_E_INVALID_ARGUMENT,
        "the credential is no token: it is too long, or has other than visible characters"};
  }
  Credential credential;
  credential.parameter_ = auth_parameter(token);
  return credential;
}

Credential Credential::of_client(std::string_view id, std::string_view key) {
  Credential credential;
  credential.login_frame_ = SecretBytes::concat(
      {R"({"method":"io.tokman.Access.Authenticate","parameters":{"client_id":)",
       quoted(id).reveal(), R"(,"client_key":)", quoted(key).reveal(), kFrameEnd});
  return credential;
}

bool Credential::is_shown_with(std::string_view frame) const {
  return !parameter_.empty() && find_member(find_member(frame, "parameters"), "auth").empty();
}

SecretBytes Credential::shown_with(std::string_view frame) const {
  const std::size_t at = frame.find(kParameters) + kParameters.size();
  const std::string_view separator = frame[at] == '}' ? "" : ",";
  return SecretBytes::concat(
      {frame.substr(0, at), parameter_.reveal(), separator, frame.substr(at)});
}

std::string_view Credential::login_frame() const { return login_frame_.reveal(); }

Result<Done> Credential::take_login(std::string_view reply) {
  const Result<LoginReply> login = read_login(reply);
  if (!login.ok()) return login.error();
  parameter_ = auth_parameter(login.value().token);
  lifetime_ms_ = milliseconds_of(login.value().expires_in);
  renew_at_ = moment_in_ms(lifetime_ms_ / 10 * 9);
  return Done{};
}

void Credential::postpone_login() { renew_at_ = moment_in_ms(lifetime_ms_ / 10); }

// The daemon writes the error first, so that no other reply has to be searched for it.
bool is_credential_refused(std::string_view reply) {
  return reply.starts_with(R"({"error":"io.tokman.Unauthenticated")") ||
         reply.starts_with(R"({"error":"io.tokman.TokenExpired")");
}

}  // namespace tokman
