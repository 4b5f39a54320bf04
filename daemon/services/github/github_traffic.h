#pragma once
// When GitHub may be asked: what it said about limits, app by app, and whether its host works.
//
// A limit (Retry-After, a spent x-ratelimit, a secondary limit by its text) pauses that app only:
// as long as GitHub says, else 60 s, doubling while it lasts. Five failures of a host in a row
// (5xx, no answer) hold all its apps, but for one probe now and then. An answer is never withheld:
// only what has not been sent yet is.
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "daemon/domain/limits/circuit_breaker.h"
#include "daemon/services/github/github_time.h"

namespace tokman {

class GithubTraffic {
 public:
  struct World {  // REQUIRES: all outlive this object.
    GithubTime& time;
    const Clock& clock;
    Timers& timers;
    Random& random;
    Log& log;
  };
  explicit GithubTraffic(const World& world) : world_(world) {}

  // Asked right before each exchange. None: send it. Else it must not be sent, and is told why.
  [[nodiscard]] OperationPtr refuse(const AppConfig& app,
                                    std::function<void(const Error&)> callback);
  // Told of every answer, and of every exchange that got none.
  void on_answer(const AppConfig& app, const Result<HttpResponse>& answer);

  // Why an exchange may not begin yet; none if it may.
  struct Hold {
    Instant until;
    Error error;
  };
  std::optional<Hold> find_hold(const AppConfig& app) const;

  // An exchange is about to begin. If the host has been failing it is the probe, and all others
  // are held until it is known how that ended. REQUIRES: find_hold() gives none.
  void reserve_probe(const AppConfig& app);

  // Called when what was held may begin sooner than was said.
  void on_changed(std::function<void()> callback) { changed_ = std::move(callback); }

  struct Pause {
    Instant until{};
    std::string cause;
    std::optional<GithubAnswer> github;  // What it said, where it refused.
  };
  std::optional<Pause> find_pause(const std::string& app) const;
  CircuitBreaker::State host_state(const std::string& api_base) const;

 private:
  struct App {
    std::optional<Pause> pause;  // Also when it is over, until GitHub has accepted something.
    int pauses = 0;              // In a row, of those GitHub gave no end for.
  };

  struct Host {
    CircuitBreaker breaker;
    Error failure;  // The last one.
  };

  std::optional<Error> why_not(const AppConfig& app);
  void on_host_failed(const AppConfig& app, const Error& failure);
  void on_host_works(const AppConfig& app);
  void on_limited(const AppConfig& app, const HttpResponse& answer);
  void on_accepted(const AppConfig& app);
  void pause(const AppConfig& app, Pause pause);
  std::optional<Instant> end_of_window(const AppConfig& app, const HttpResponse& answer) const;

  World world_;
  std::map<std::string, App> apps_;    // By name.
  std::map<std::string, Host> hosts_;  // By api_base.
  std::function<void()> changed_;
};

}  // namespace tokman
