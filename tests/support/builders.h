#pragma once
// Values that a test needs but does not care about.
#include "daemon/domain/config/config.h"

namespace tokman {

// An app as the configuration gives it when only its name and id were written.
inline AppConfig make_app(const std::string& name = "ci") {
  AppConfig app;
  app.name = name;
  app.app_id = 12345;
  app.git_host = "github.com";
  app.api_base = "https://api.github.com";
  app.api_version = "2022-11-28";
  app.renew_before = std::chrono::minutes(20);
  app.default_min_lifetime = std::chrono::minutes(5);
  return app;
}

}  // namespace tokman
