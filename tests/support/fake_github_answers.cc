#include "tests/support/fake_github_answers.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "libtokman/base/text.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

constexpr int kDepthMax = 32;

json::Value token_object(const std::string& token, UnixTime expires_at) {
  return json::Value::object().set("token", token).set("expires_at", github_time(expires_at));
}

}  // namespace

std::string github_time(UnixTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string http_date(UnixTime time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string token_body(const std::string& token, UnixTime expires_at) {
  return token_object(token, expires_at).dump();
}

std::string installation_body(std::int64_t id, const std::string& account) {
  return json::Value::object()
      .set("id", id)
      .set("account", json::Value::object().set("login", account))
      .dump();
}

FakeGithubAnswers::FakeGithubAnswers(FakeHttpClient& http, const FakeClock& clock) : clock_(clock) {
  http.answer_all([this](const HttpCall& call) { return answer(call); });
}

Result<HttpResponse> FakeGithubAnswers::answer(const HttpCall& call) {
  Result<HttpResponse> given = answer_undated(call);
  if (!given.ok()) return given;
  HttpResponse dated = std::move(given).value();
  dated.headers.emplace("date", http_date(now()));
  return dated;
}

Result<HttpResponse> FakeGithubAnswers::answer_undated(const HttpCall& call) {
  if (call.method == "DELETE") return revoke(call);
  if (is_down) return Error{TOKMAN_E_UPSTREAM_DOWN, "connection refused"};
  const std::string_view url = call.url;
  const std::size_t host_end = url.find('/', std::string_view("https://").size());
  const std::string_view path = url.substr(std::min(host_end, url.size()));
  if (call.method == "POST") return mint(path, call);
  return path.starts_with("/app/") ? answer_as_app(path) : find_installation(path);
}

// /app/installations/{id}, or all of them on one page: /app/installations?…&since=…
HttpResponse FakeGithubAnswers::answer_as_app(std::string_view path) const {
  constexpr std::string_view kOne = "/app/installations/";
  const auto id = path.starts_with(kOne) ? parse_int(path.substr(kOne.size())) : std::nullopt;
  const std::size_t since = path.find("&since=");
  json::Value list = json::Value::array();
  for (const auto& [owner, account] : accounts) {
    json::Value shown = json::Value::object().set("id", account.installation_id);
    shown.set("account", json::Value::object().set("login", owner));
    shown.set("updated_at", github_time(account.updated_at));
    if (account.is_suspended) shown.set("suspended_at", github_time(account.updated_at));
    if (id == account.installation_id) return github_answer(200, shown.dump());
    const bool is_new =
        since == path.npos || github_time(account.updated_at) >= path.substr(since + 7);
    if (is_new) list.append(shown);
  }
  return id ? github_refusal(404, "Not Found") : github_answer(200, list.dump());
}

// /installation/token
Result<HttpResponse> FakeGithubAnswers::revoke(const HttpCall& call) {
  if (!revoke_failures.empty()) {
    Result<HttpResponse> failure = std::move(revoke_failures.front());
    revoke_failures.pop_front();
    return failure;
  }
  const std::string token = call.authorization.substr(std::string_view("Bearer ").size());
  if (!revoked.insert(token).second) return github_refusal(401, "Bad credentials");
  return github_answer(204, "");
}

// /repos/{owner}/{repository}/installation, /orgs/{owner}/installation or /users/{owner}/…
HttpResponse FakeGithubAnswers::find_installation(std::string_view path) const {
  const auto parts = split(path.substr(1), '/');
  const auto found = accounts.find(std::string(parts.at(1)));
  if (found == accounts.end()) return github_refusal(404, "Not Found");
  const Account& account = found->second;
  const std::string_view kind = account.kind == AccountKind::organization ? "orgs" : "users";
  const auto& reached = account.repositories;
  const bool is_there =
      parts[0] == "repos" ? std::find(reached.begin(), reached.end(), parts.at(2)) != reached.end()
                          : parts[0] == kind;
  if (!is_there) return github_refusal(404, "Not Found");
  return github_answer(200, installation_body(account.installation_id, found->first));
}

// /app/installations/{id}/access_tokens
Result<HttpResponse> FakeGithubAnswers::mint(std::string_view path, const HttpCall& call) {
  if (!mint_failures.empty()) {
    Result<HttpResponse> failure = std::move(mint_failures.front());
    mint_failures.pop_front();
    return failure;
  }
  const auto id = parse_int(split(path.substr(1), '/').at(2));
  const auto found = std::find_if(accounts.begin(), accounts.end(), [id](const auto& account) {
    return account.second.installation_id == id;
  });
  if (found == accounts.end()) return github_refusal(404, "Not Found");
  if (found->second.is_suspended) {
    return github_refusal(403, "This installation has been suspended");
  }
  const json::Value asked = json::parse(call.body, kDepthMax).value();
  json::Value body =
      token_object(fmt::format("ghs_{}_{:0>30}", kPlantedToken, ++mints), now() + lifetime);
  body.set("permissions", asked.find("permissions"));
  json::Value repositories = json::Value::array();
  for (const json::Value& name : asked.find("repositories").elements()) {
    repositories.append(json::Value::object().set("name", name));
  }
  if (asked.find("repositories").exists()) body.set("repositories", repositories);
  return github_answer(201, body.dump());
}

}  // namespace tokman
