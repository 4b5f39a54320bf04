#include "daemon/services/github/app_choice.h"

#include <algorithm>

namespace tokman {
namespace {

std::string words_of(const InstallationDirectory::Target& target) {
  return target.repository.empty() ? target.owner : target.owner + "/" + target.repository;
}

}  // namespace

// One caller's wait: until every app that was not remembered has an answer.
class AppChoice::Choosing final : public Operation {
 public:
  Choosing(AppChoice& choice, Question question, std::function<void(const Chosen&)> callback)
      : choice_(choice), question_(std::move(question)), callback_(std::move(callback)) {}

  void start(Instant deadline) {
    timeout_ = choice_.timers_.at(deadline, [this] { on_timeout(); });
    standings_.resize(question_.apps.size());
    lookups_.resize(question_.apps.size());
    for (std::size_t i = 0; i < question_.apps.size(); ++i) ask_for(i);
  }

 private:
  void ask_for(std::size_t index) {
    const AppConfig& app = question_.apps[index];
    standings_[index] = choice_.standing_of(app, question_.target);
    if (standings_[index]) return;
    lookups_[index] = choice_.installations_.resolve(
        app, question_.target, [this, index](const InstallationDirectory::Resolved& resolved) {
          on_answer(index, resolved);
        });
  }

  void on_answer(std::size_t index, const InstallationDirectory::Resolved& resolved) {
    const auto& [owner, repository] = question_.target;
    const auto answer = resolved.ok() ? AppCoverage::Standing(Done{}) : resolved.error();
    standings_[index] = choice_.coverage_.learn(question_.apps[index].name, {owner, repository},
                                                answer, choice_.clock_.now());
    std::vector<AppStanding> all;
    for (std::size_t i = 0; i < standings_.size(); ++i) {
      if (!standings_[i]) return;
      all.push_back({question_.apps[i].name, *standings_[i]});
    }
    finish(choose_app(all, words_of(question_.target)));
  }

  void on_timeout() {
    finish(Error{TOKMAN_E_TIMED_OUT,
                 "GitHub has not said in time which app covers " + words_of(question_.target)});
  }

  void finish(const Chosen& chosen) {
    const auto callback = std::move(callback_);
    timeout_.reset();
    lookups_.clear();
    callback(chosen);  // *this may be gone from here on.
  }

  AppChoice& choice_;
  Question question_;
  std::function<void(const Chosen&)> callback_;
  std::vector<std::optional<AppCoverage::Standing>> standings_;  // As question_.apps.
  std::vector<OperationPtr> lookups_;                            // Likewise.
  OperationPtr timeout_;
};

std::optional<AppChoice::Chosen> AppChoice::find(const Question& question) const {
  std::vector<AppStanding> all;
  for (const AppConfig& app : question.apps) {
    const auto standing = standing_of(app, question.target);
    if (!standing) return std::nullopt;
    all.push_back({app.name, *standing});
  }
  return choose_app(all, words_of(question.target));
}

OperationPtr AppChoice::choose(Question question, Instant deadline,
                               std::function<void(const Chosen&)> callback) {
  auto choosing = std::make_unique<Choosing>(*this, std::move(question), std::move(callback));
  choosing->start(deadline);
  return choosing;
}

void AppChoice::note_refusal(const std::string& owner, const Error& error) {
  constexpr tokman_error kContradictions[] = {TOKMAN_E_APP_NOT_INSTALLED,
                                              TOKMAN_E_INSTALLATION_SUSPENDED,
                                              TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE};
  const bool contradicts = std::find(std::begin(kContradictions), std::end(kContradictions),
                                     error.code) != std::end(kContradictions);
  if (contradicts) coverage_.forget_owner(owner);
}

std::optional<AppCoverage::Standing> AppChoice::standing_of(
    const AppConfig& app, const InstallationDirectory::Target& target) const {
  if (app.installations.contains(target.owner)) return AppCoverage::Standing(Done{});
  return coverage_.find(app.name, {target.owner, target.repository}, clock_.now());
}

}  // namespace tokman
