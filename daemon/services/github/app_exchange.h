#pragma once
// One exchange with GitHub as an app: a JWT, the request, and what a refused JWT calls for.
#include <functional>

#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "daemon/services/github/app_jwts.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/github/github_traffic.h"

namespace tokman {

struct ExchangeWorld {  // REQUIRES: all outlive the exchange.
  HttpClient& http;
  AppJwts& jwts;
  GithubTime& time;
  GithubTraffic& traffic;
};

// `request` has a path for its url; the app's address and headers are added. The answer may have
// any status. If GitHub refused a JWT that had been used before, the request was made again with a
// fresh one (its key may have been replaced meanwhile). What GitHub must not be asked now, because
// it limits the app or fails, is not sent.
[[nodiscard]] OperationPtr start_exchange(const ExchangeWorld& world, const AppConfig& app,
                                          HttpRequest request,
                                          std::function<void(Result<HttpResponse>)> callback);

}  // namespace tokman
