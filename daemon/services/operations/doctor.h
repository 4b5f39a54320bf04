#pragma once
// Looks at everything that tokman needs, and says what is wrong and what to do about it.
//
// First the signer, for its keys; then all at once: the files and processes of this host, off the
// loop, and for each app GET /app and the list of its installations. What has no answer when the
// time is over is reported as such. Nothing is changed, and no token is minted. Those who ask while
// it looks get the same report. What the facts mean is decided in daemon/domain/doctor.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/waiters.h"
#include "daemon/domain/doctor/app_findings.h"
#include "daemon/services/github/github_client.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/operations/host_look.h"
#include "daemon/services/operations/live_config.h"

namespace tokman {

class Doctor {
 public:
  struct World {  // REQUIRES: all outlive the doctor and every Operation it gave.
    const Clock& clock;
    Timers& timers;
    Background& background;
    const LiveConfig& live;
    AppJwts& jwts;
    GithubClient& github;
    GithubTime& time;
    std::function<HostLook()> where_to_look;
  };
  explicit Doctor(World world);
  ~Doctor();
  Doctor(const Doctor&) = delete;
  Doctor& operator=(const Doctor&) = delete;

  static constexpr std::chrono::seconds kTimeMax{20};
  [[nodiscard]] OperationPtr examine(std::function<void(const Findings&)> callback);

 private:
  struct AppVisit;
  struct Examination;

  void on_signer(const AppJwts::Refreshed& refreshed);
  void look_at_host();
  void ask_github();
  void on_app(AppVisit& visit, const Result<AppInfo>& info);
  void note_done();
  void finish();

  World world_;
  std::unique_ptr<Examination> examination_;  // None while nobody asks.
  Waiters<Findings> waiters_;
};

}  // namespace tokman
