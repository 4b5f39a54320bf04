#include "daemon/services/github/github_client.h"

#include "daemon/services/github/github_errors.h"
#include "libtokman/base/text.h"
#include "libtokman/json/value.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

// One exchange as an app: a JWT, the request, and again with a fresh JWT if GitHub refused one
// that had been used before (its key may have been replaced meanwhile).
class AppExchange final : public Operation {
 public:
  using Callback = std::function<void(Result<HttpResponse>)>;

  AppExchange(HttpClient& http, AppJwts& jwts, GithubTime& time, const AppConfig& app,
              HttpRequest request, Callback callback)
      : http_(http),
        jwts_(jwts),
        time_(time),
        app_(app.name),
        api_base_(app.api_base),
        request_(std::move(request)),
        callback_(std::move(callback)) {
    request_.url = app.api_base + request_.url;
    request_.ca_file = app.ca_file;
    request_.proxy = app.proxy;
    request_.headers["Accept"] = "application/vnd.github+json";
    request_.headers["X-GitHub-Api-Version"] = app.api_version;
  }

  void start() {
    if (const auto jwt = jwts_.find(app_)) {
      may_sign_anew_ = true;
      return send(*jwt);
    }
    sign();
  }

 private:
  void sign() {
    step_ = jwts_.sign(app_, [this](const AppJwts::Signed& outcome) { on_signed(outcome); });
  }

  void on_signed(const AppJwts::Signed& outcome) {
    if (!outcome.ok()) return finish(within("app '" + app_ + "'", outcome.error()));
    const auto jwt = jwts_.find(app_);
    if (!jwt) return finish(Error{TOKMAN_E_SECRET_UNAVAILABLE, "the JWT was dropped meanwhile"});
    send(*jwt);
  }

  void send(std::string_view jwt) {
    HttpRequest request;
    request.method = request_.method;
    request.url = request_.url;
    request.headers = request_.headers;
    request.body = request_.body;
    request.ca_file = request_.ca_file;
    request.proxy = request_.proxy;
    request.authorization = SecretBytes::concat({"Bearer ", jwt});
    step_ = http_.start(std::move(request),
                        [this](Result<HttpResponse> answer) { on_answer(std::move(answer)); });
  }

  void on_answer(Result<HttpResponse> answer) {
    if (answer.ok()) time_.observe(api_base_, answer.value());
    if (answer.ok() && answer.value().status == 401) {
      jwts_.forget(app_);
      if (std::exchange(may_sign_anew_, false)) return sign();
    }
    finish(std::move(answer));
  }

  void finish(Result<HttpResponse> answer) {
    const Callback callback = std::move(callback_);
    callback(std::move(answer));  // *this may be gone from here on.
  }

  HttpClient& http_;
  AppJwts& jwts_;
  GithubTime& time_;
  std::string app_;
  std::string api_base_;
  HttpRequest request_;
  Callback callback_;
  OperationPtr step_;
  bool may_sign_anew_ = false;
};

constexpr int kAnswerDepthMax = 32;

Error unreadable(std::string_view what) {
  return Error{TOKMAN_E_UPSTREAM_DOWN, "GitHub's answer is not usable: " + std::string(what)};
}

std::vector<std::string> repository_names(const json::Value& repositories) {
  std::vector<std::string> names;
  for (const json::Value& repository : repositories.elements()) {
    if (const auto name = repository.find("name").as_text()) names.emplace_back(*name);
  }
  return names;
}

// Levels that tokman does not know are left out: they were not asked for.
Permissions granted_permissions(const json::Value& object) {
  Permissions permissions;
  for (const auto& [name, value] : object.members()) {
    if (const auto level = parse_access_level(value.as_text().value_or(""))) {
      permissions.set(name, *level);
    }
  }
  return permissions;
}

OperationPtr start_exchange(HttpClient& http, AppJwts& jwts, GithubTime& time, const AppConfig& app,
                            HttpRequest request, AppExchange::Callback callback) {
  auto exchange =
      std::make_unique<AppExchange>(http, jwts, time, app, std::move(request), std::move(callback));
  exchange->start();
  return exchange;
}

}  // namespace

OperationPtr GithubClient::find_installation(const AppConfig& app, const std::string& path,
                                             OnInstallation callback) {
  HttpRequest request;
  request.url = path;
  return start_exchange(http_, jwts_, time_, app, std::move(request),
                        [callback = std::move(callback)](Result<HttpResponse> answer) {
                          if (!answer.ok()) return callback(answer.error());
                          if (answer.value().status != 200) {
                            return callback(error_from_answer(answer.value()));
                          }
                          callback(parse_installation(answer.value().body.reveal()));
                        });
}

OperationPtr GithubClient::mint(const AppConfig& app, const MintRequest& mint, OnMinted callback) {
  HttpRequest request;
  request.method = "POST";
  request.url = "/app/installations/" + std::to_string(mint.installation_id) + "/access_tokens";
  request.headers["Content-Type"] = "application/json";
  request.body = mint_body(mint);
  return start_exchange(http_, jwts_, time_, app, std::move(request),
                        [callback = std::move(callback)](Result<HttpResponse> answer) {
                          if (!answer.ok()) return callback(answer.error());
                          if (answer.value().status != 201) {
                            return callback(error_from_answer(answer.value()));
                          }
                          callback(parse_minted_token(answer.value().body.reveal()));
                        });
}

OperationPtr GithubClient::revoke(const AppConfig& app, const SecretBytes& token,
                                  OnRevoked callback) {
  HttpRequest request;
  request.method = "DELETE";
  request.url = app.api_base + "/installation/token";
  request.headers["Accept"] = "application/vnd.github+json";
  request.headers["X-GitHub-Api-Version"] = app.api_version;
  request.ca_file = app.ca_file;
  request.proxy = app.proxy;
  request.authorization = SecretBytes::concat({"Bearer ", token.reveal()});
  return http_.start(std::move(request),
                     [this, api_base = app.api_base,
                      callback = std::move(callback)](const Result<HttpResponse>& answer) {
                       if (!answer.ok()) return callback(answer.error());
                       time_.observe(api_base, answer.value());
                       const int status = answer.value().status;
                       if (status == 204 || status == 401) return callback(Done{});
                       callback(error_from_answer(answer.value()));
                     });
}

std::string mint_body(const MintRequest& request) {
  json::Value body = json::Value::object();
  if (!request.repositories.empty()) body.set("repositories", request.repositories);
  body.set("permissions", request.permissions.to_text());
  return body.dump();
}

Result<MintedToken> parse_minted_token(std::string_view body) {
  const Result<json::Value> parsed = json::parse(body, kAnswerDepthMax);
  if (!parsed.ok()) return unreadable(parsed.error().message);
  const json::Value& answer = parsed.value();
  const auto text = answer.find("token").as_text();
  if (!text || text->size() < kTokenBytesMin || text->size() > kTokenBytesMax) {
    return unreadable("it has no token");
  }
  const Result<UnixTime> expires_at =
      parse_github_time(answer.find("expires_at").as_text().value_or(""));
  if (!expires_at.ok()) return expires_at.error();
  return MintedToken{SecretBytes(*text), expires_at.value(),
                     granted_permissions(answer.find("permissions")),
                     repository_names(answer.find("repositories"))};
}

Result<Installation> parse_installation(std::string_view body) {
  const Result<json::Value> parsed = json::parse(body, kAnswerDepthMax);
  if (!parsed.ok()) return unreadable(parsed.error().message);
  const json::Value& answer = parsed.value();
  const auto id = answer.find("id").as_int();
  if (!id || *id <= 0) return unreadable("the installation has no id");
  if (answer.find("suspended_at").as_text()) {
    return Error{TOKMAN_E_INSTALLATION_SUSPENDED,
                 "the installation " + std::to_string(*id) + " is suspended"};
  }
  const auto login = answer.find("account").find("login").as_text();
  return Installation{*id, std::string(login.value_or(""))};
}

Result<UnixTime> parse_github_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  bool fits = text.size() == kForm.size();
  for (std::size_t i = 0; fits && i < kForm.size(); ++i) {
    fits = kForm[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
  }
  if (!fits) return unreadable("expires_at is no time");
  const auto number = [text](std::size_t at, std::size_t size) {
    return static_cast<int>(*parse_int(text.substr(at, size)));
  };
  using namespace std::chrono;
  const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                           std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 60) {
    return unreadable("expires_at is no time");
  }
  return UnixTime(sys_days(day)) + hours(number(11, 2)) + minutes(number(14, 2)) +
         seconds(number(17, 2));
}

}  // namespace tokman
