#pragma once
// What time it is at each GitHub server, learned from every answer and kept across restarts.
//
// An operator is warned, once, when this machine's clock is more than 30 s from GitHub's.
#include <functional>
#include <map>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/github/host_clock.h"
#include "daemon/services/store/clock_store.h"

namespace tokman {

class GithubTime {
 public:
  // REQUIRES: all outlive this object.
  GithubTime(const Clock& clock, ClockStore& store, Log& log)
      : clock_(clock), store_(store), log_(log) {}
  GithubTime(const GithubTime&) = delete;
  GithubTime& operator=(const GithubTime&) = delete;

  // The reference stays good as long as this object lives.
  const HostClock& host(const std::string& api_base) { return known(api_base).clock; }

  // It is at least that late at every server: what has ended by then is over everywhere.
  UnixTime earliest() const;

  // Each answer of that server, whatever it says.
  void observe(const std::string& api_base, const HttpResponse& answer);

  // Called when a server's clock turns out to be another than was thought, by more than noise:
  // what was reckoned with it must be reckoned anew.
  using OnStep = std::function<void(const std::string& api_base)>;
  void on_step(OnStep callback) { on_step_ = std::move(callback); }

 private:
  struct Known {
    HostClock clock;
    LearnedClock stored;
    bool is_warned = false;
  };

  Known& known(const std::string& api_base);
  void keep(const std::string& api_base, Known& known);
  void warn(const std::string& api_base, Known& known);

  const Clock& clock_;
  ClockStore& store_;
  Log& log_;
  std::map<std::string, Known> known_;  // As many as there are hosts in the configuration.
  OnStep on_step_;
};

}  // namespace tokman
