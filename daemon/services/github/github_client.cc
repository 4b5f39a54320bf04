#include "daemon/services/github/github_client.h"

#include "daemon/services/github/app_exchange.h"
#include "daemon/services/github/github_errors.h"
#include "libtokman/base/text.h"
#include "libtokman/json/value.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

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

HttpRequest request_with_token(const AppConfig& app, const SecretBytes& token,
                               std::string_view path) {
  HttpRequest request;
  request.url = app.api_base + std::string(path);
  request.headers["Accept"] = "application/vnd.github+json";
  request.headers["X-GitHub-Api-Version"] = app.api_version;
  request.ca_file = app.ca_file;
  request.proxy = app.proxy;
  request.authorization = SecretBytes::concat({"Bearer ", token.reveal()});
  return request;
}

}  // namespace

OperationPtr GithubClient::get_app(const AppConfig& app, OnAppInfo callback,
                                   const std::string& only_key) {
  HttpRequest request;
  request.url = "/app";
  return start_exchange(
      {http_, jwts_, time_, traffic_}, app, std::move(request),
      [callback = std::move(callback)](const Result<HttpResponse>& answer) {
        if (!answer.ok()) return callback(answer.error());
        if (answer.value().status != 200) {
          return callback(error_from_answer(answer.value()));
        }
        callback(parse_app(answer.value().body.reveal()));
      },
      only_key);
}

OperationPtr GithubClient::find_installation(const AppConfig& app, const std::string& path,
                                             OnInstallation callback) {
  HttpRequest request;
  request.url = path;
  return start_exchange({http_, jwts_, time_, traffic_}, app, std::move(request),
                        [callback = std::move(callback)](Result<HttpResponse> answer) {
                          if (!answer.ok()) return callback(answer.error());
                          if (answer.value().status != 200) {
                            return callback(error_from_answer(answer.value()));
                          }
                          callback(parse_installation(answer.value().body.reveal()));
                        });
}

OperationPtr GithubClient::list_installations(const AppConfig& app, const std::string& path,
                                              OnInstallationPage callback) {
  HttpRequest request;
  request.url = path;
  return start_exchange(
      {http_, jwts_, time_, traffic_}, app, std::move(request),
      [callback = std::move(callback), api_base = app.api_base](Result<HttpResponse> answer) {
        if (!answer.ok()) return callback(answer.error());
        if (answer.value().status != 200) return callback(error_from_answer(answer.value()));
        callback(parse_installation_page(answer.value(), api_base));
      });
}

OperationPtr GithubClient::mint(const AppConfig& app, const MintRequest& mint, OnMinted callback) {
  HttpRequest request;
  request.method = "POST";
  request.url = "/app/installations/" + std::to_string(mint.installation_id) + "/access_tokens";
  request.headers["Content-Type"] = "application/json";
  request.body = mint_body(mint);
  return start_exchange({http_, jwts_, time_, traffic_}, app, std::move(request),
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
  HttpRequest request = request_with_token(app, token, "/installation/token");
  request.method = "DELETE";
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

OperationPtr GithubClient::rate_limits(const AppConfig& app, const SecretBytes& token,
                                       OnRateLimits callback) {
  return http_.start(request_with_token(app, token, "/rate_limit"),
                     [this, api_base = app.api_base,
                      callback = std::move(callback)](const Result<HttpResponse>& answer) {
                       if (!answer.ok()) return callback(answer.error());
                       time_.observe(api_base, answer.value());
                       const int status = answer.value().status;
                       if (status == 404) return callback(std::vector<RateWindow>());
                       if (status != 200) return callback(error_from_answer(answer.value()));
                       callback(parse_rate_limits(answer.value().body.reveal()));
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

Result<AppInfo> parse_app(std::string_view body) {
  const Result<json::Value> parsed = json::parse(body, kAnswerDepthMax);
  if (!parsed.ok()) return unreadable(parsed.error().message);
  const json::Value& answer = parsed.value();
  const auto text = [](const json::Value& value) {
    return std::string(value.as_text().value_or(""));
  };
  AppInfo app;
  app.id = answer.find("id").as_int().value_or(0);
  if (app.id <= 0) return unreadable("the app has no id");
  app.slug = text(answer.find("slug"));
  app.client_id = text(answer.find("client_id"));
  app.owner = text(answer.find("owner").find("login"));
  app.permissions = granted_permissions(answer.find("permissions"));
  app.installations = answer.find("installations_count").as_int().value_or(0);
  return app;
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

Result<std::vector<RateWindow>> parse_rate_limits(std::string_view body) {
  const Result<json::Value> parsed = json::parse(body, kAnswerDepthMax);
  if (!parsed.ok()) return unreadable(parsed.error().message);
  std::vector<RateWindow> windows;
  for (const auto& [resource, numbers] : parsed.value().find("resources").members()) {
    const auto number = [&numbers = numbers](std::string_view name) {
      return numbers.find(name).as_int().value_or(-1);
    };
    RateWindow window;
    window.resource = resource;
    window.limit = number("limit");
    window.remaining = number("remaining");
    window.used = number("used");
    window.resets_at = UnixTime(std::chrono::seconds(number("reset")));
    windows.push_back(std::move(window));
  }
  return windows;
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
