#pragma once
// A small GitHub for FakeHttpClient: installations that can be found, and tokens that are counted.
//
// Its tokens are numbered, and all of them hold kPlantedToken.
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_http_client.h"

namespace tokman {

inline constexpr std::string_view kPlantedToken = "PLANTED-TOKEN";

std::string token_body(const std::string& token, UnixTime expires_at);
std::string installation_body(std::int64_t id, const std::string& account);
std::string github_time(UnixTime time);  // "2026-11-21T20:04:41Z"
std::string http_date(UnixTime time);    // "Sat, 21 Nov 2026 20:04:41 GMT"

class FakeGithubAnswers {
 public:
  // REQUIRES: both outlive this object.
  FakeGithubAnswers(FakeHttpClient& http, const FakeClock& clock);

  // What it says to one request; asked by the client, or by a test that stands between.
  Result<HttpResponse> answer(const HttpCall& call);

  enum class AccountKind { organization, user };
  struct Account {
    std::int64_t installation_id = 0;
    std::vector<std::string> repositories;  // Those that the installation can reach.
    AccountKind kind = AccountKind::organization;
    bool is_suspended = false;
    UnixTime updated_at{};
  };
  std::map<std::string, Account> accounts;  // By owner.

  std::chrono::seconds lifetime = std::chrono::hours(1);
  bool is_down = false;  // Nothing gets an answer.
  // GitHub's clock: what its answers are dated by, and its tokens.
  UnixTime now() const { return clock_.true_now(); }
  // What the next mints get instead of a token, in order.
  std::deque<Result<HttpResponse>> mint_failures;
  int mints = 0;  // Tokens made.

  std::set<std::string> revoked;  // By text.
  // What the next revocations get instead of being carried out, in order.
  std::deque<Result<HttpResponse>> revoke_failures;

 private:
  Result<HttpResponse> answer_undated(const HttpCall& call);
  HttpResponse find_installation(std::string_view path) const;
  HttpResponse answer_as_app(std::string_view path) const;
  Result<HttpResponse> revoke(const HttpCall& call);
  Result<HttpResponse> mint(std::string_view path, const HttpCall& call);

  const FakeClock& clock_;
};

}  // namespace tokman
