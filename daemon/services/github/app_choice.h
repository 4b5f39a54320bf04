#pragma once
// Settles which app is meant where a caller names none and several are granted.
//
// The happy path: what is remembered is enough. Otherwise the directory is asked for all others at
// once; the answers are remembered, and choose_app() decides. An app whose configuration has the
// installation covers its owner without being asked for.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/github/app_coverage.h"
#include "daemon/services/github/installation_directory.h"

namespace tokman {

class AppChoice {
 public:
  struct Question {
    std::vector<AppConfig> apps;  // At least one.
    InstallationDirectory::Target target;
  };
  using Chosen = Result<std::string>;  // The app's name.

  // REQUIRES: all outlive this object and every Operation it gave.
  AppChoice(InstallationDirectory& installations, const Clock& clock, Timers& timers)
      : installations_(installations), clock_(clock), timers_(timers) {}

  // Without asking GitHub.
  std::optional<Chosen> find(const Question& question) const;

  // REQUIRES: find() gave none. Calls back until `deadline`: then it is TIMED_OUT.
  [[nodiscard]] OperationPtr choose(Question question, Instant deadline,
                                    std::function<void(const Chosen&)> callback);

  // Where a choice led to a refusal: the next one is made anew if it might come out otherwise.
  void note_refusal(const std::string& owner, const Error& error);

  // After a reload, or when installations have changed at GitHub.
  void forget_all() { coverage_.forget_all(); }

 private:
  class Choosing;

  std::optional<AppCoverage::Standing> standing_of(
      const AppConfig& app, const InstallationDirectory::Target& target) const;

  InstallationDirectory& installations_;
  const Clock& clock_;
  Timers& timers_;
  AppCoverage coverage_;
};

}  // namespace tokman
