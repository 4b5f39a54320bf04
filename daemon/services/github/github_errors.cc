#include "daemon/services/github/github_errors.h"

#include "libtokman/base/text.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

constexpr std::size_t kMessageBytesMax = 500;
constexpr int kAnswerDepthMax = 32;

struct KnownRefusal {
  int status;
  std::string_view text;  // GitHub's message contains it; "" stands for every text.
  tokman_error code;
  std::string_view meaning;
};

// The first row that fits decides.
constexpr KnownRefusal kKnownRefusals[] = {
    // clang-format off
    {401, "A JSON web token could not be decoded", TOKMAN_E_UPSTREAM_AUTH, "the private key does not belong to the app"},
    {401, "'Issuer' claim ('iss') must be an Integer", TOKMAN_E_UPSTREAM_AUTH, "this server wants the app id, not the client id"},
    {401, "'Issued at' claim ('iat') must be", TOKMAN_E_UPSTREAM_AUTH, "this machine's clock is ahead of GitHub's"},
    {401, "'Expiration time' claim ('exp') must be", TOKMAN_E_UPSTREAM_AUTH, "this machine's clock is behind GitHub's"},
    {401, "'Expiration time' claim ('exp') is too far", TOKMAN_E_UPSTREAM_AUTH, "this machine's clock is ahead of GitHub's"},
    {401, "Integration must generate a public key", TOKMAN_E_UPSTREAM_AUTH, "GitHub knows no key of the app"},
    {401, "", TOKMAN_E_UPSTREAM_AUTH, "GitHub does not accept the app's credentials"},
    {404, "Integration not found", TOKMAN_E_UPSTREAM_AUTH, "no such app at this server: wrong app id or wrong host"},
    {404, "", TOKMAN_E_APP_NOT_INSTALLED, "the app is not installed there"},
    {403, "This installation has been suspended", TOKMAN_E_INSTALLATION_SUSPENDED, "the installation is suspended"},
    {403, "rate limit", TOKMAN_E_UPSTREAM_LIMITED, "GitHub is limiting the app's requests"},
    {403, "abuse detection", TOKMAN_E_UPSTREAM_LIMITED, "GitHub is limiting the app's requests"},
    {429, "", TOKMAN_E_UPSTREAM_LIMITED, "GitHub is limiting the app's requests"},
    {422, "The permissions requested are not granted to this installation", TOKMAN_E_PERMISSION_NOT_GRANTED, "the installation lacks a permission asked for"},
    {422, "The level of access for permissions requested are not granted", TOKMAN_E_PERMISSION_NOT_GRANTED, "the installation lacks a permission asked for"},
    {422, "There is at least one repository that does not exist or is not accessible", TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE, "the installation cannot reach a repository asked for"},
    {422, "Too many repositories", TOKMAN_E_TOO_MANY_REPOSITORIES, "too many repositories for one token: ask for fewer, or for fewer permissions"},
    // clang-format on
};

std::string message_of(const HttpResponse& answer) {
  const Result<json::Value> body = json::parse(answer.body.reveal(), kAnswerDepthMax);
  if (!body.ok()) return "";
  const auto text = body.value().find("message").as_text();
  return std::string(text.value_or("").substr(0, kMessageBytesMax));
}

std::string header_of(const HttpResponse& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

Error make_error(tokman_error code, std::string_view meaning, const HttpResponse& answer) {
  Error error{code, std::string(meaning)};
  error.github =
      GithubAnswer{answer.status, message_of(answer), header_of(answer, "x-github-request-id")};
  if (const auto wait = parse_int(header_of(answer, "retry-after")); wait && *wait >= 0) {
    error.retry_after = std::chrono::seconds(std::min<std::int64_t>(*wait, 3600));
  }
  return error;
}

// Whatever its text says: these headers come with limits only.
bool is_limit(const HttpResponse& answer) {
  return answer.status == 403 && (answer.headers.contains("retry-after") ||
                                  header_of(answer, "x-ratelimit-remaining") == "0");
}

}  // namespace

Error error_from_answer(const HttpResponse& answer) {
  if (answer.status >= 500) {
    return make_error(TOKMAN_E_UPSTREAM_DOWN, "GitHub is failing", answer);
  }
  const std::string said = message_of(answer);
  for (const KnownRefusal& row : kKnownRefusals) {
    if (answer.status == row.status && said.find(row.text) != std::string::npos) {
      return make_error(row.code, row.meaning, answer);
    }
  }
  if (is_limit(answer)) {
    return make_error(TOKMAN_E_UPSTREAM_LIMITED, "GitHub is limiting the app's requests", answer);
  }
  return make_error(TOKMAN_E_UPSTREAM_REFUSED, "GitHub refused", answer);
}

JwtFault jwt_fault(const HttpResponse& answer) {
  constexpr struct {
    std::string_view text;
    JwtFault fault;
  } kFaults[] = {
      {"A JSON web token could not be decoded", JwtFault::key},
      {"Integration must generate a public key", JwtFault::no_public_key},
      {"'Issuer' claim ('iss') must be an Integer", JwtFault::issuer},
      {"'Issued at' claim ('iat') must be", JwtFault::time},
      {"'Expiration time' claim ('exp') must be", JwtFault::time},
      {"'Expiration time' claim ('exp') is too far", JwtFault::time},
  };
  const std::string said = message_of(answer);
  for (const auto& row : kFaults) {
    if (said.find(row.text) != std::string::npos) return row.fault;
  }
  return JwtFault::other;
}

std::string describe(const Error& error) {
  if (!error.github) return error.message;
  std::string text = error.message + " (GitHub: " + std::to_string(error.github->status);
  if (!error.github->message.empty()) text += " " + error.github->message;
  return text + ")";
}

}  // namespace tokman
