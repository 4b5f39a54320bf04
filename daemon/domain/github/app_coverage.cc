#include "daemon/domain/github/app_coverage.h"

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::chrono::hours kCoversFor{1};
constexpr std::chrono::minutes kDoesNotFor{1};
constexpr std::size_t kKnownMax = 10'000;

bool is_passing(const AppCoverage::Standing& standing) {
  return !standing.ok() && tokman_error_is_retryable(standing.error().code) == 1;
}

}  // namespace

std::optional<AppCoverage::Standing> AppCoverage::find(const std::string& app, const Target& target,
                                                       Instant now) const {
  const auto found = known_.find({target, app});
  if (found == known_.end()) return std::nullopt;
  const Instant::duration believed =
      found->second.standing.ok() ? Instant::duration(kCoversFor) : Instant::duration(kDoesNotFor);
  if (now - found->second.learned_at >= believed) return std::nullopt;
  return found->second.standing;
}

AppCoverage::Standing AppCoverage::learn(const std::string& app, const Target& target,
                                         const Standing& answer, Instant now) {
  if (is_passing(answer)) {
    const auto before = known_.find({target, app});
    return before == known_.end() ? answer : before->second.standing;
  }
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert_or_assign({target, app}, Known{answer, now});
  return answer;
}

void AppCoverage::forget_owner(const std::string& owner) {
  std::erase_if(known_, [&](const auto& row) { return row.first.first.first == owner; });
}

Result<std::string> choose_app(const std::vector<AppStanding>& apps, const std::string& target) {
  std::vector<std::string> covering;
  std::vector<std::string> reasons;
  const AppStanding* unknown = nullptr;
  for (const AppStanding& each : apps) {
    if (each.standing.ok()) {
      covering.push_back(each.app);
      continue;
    }
    reasons.push_back(each.app + ": " + each.standing.error().message);
    if (is_passing(each.standing)) unknown = &each;
  }
  if (covering.size() > 1) {
    return Error{TOKMAN_E_INVALID_ARGUMENT,
                 "'app' is needed, because several cover " + target + ": " + join(covering, ", "),
                 "app"};
  }
  if (unknown != nullptr) {
    return within(
        "no 'app' is named, and whether '" + unknown->app + "' covers " + target + " is not known",
        unknown->standing.error());
  }
  if (covering.empty()) {
    return Error{TOKMAN_E_APP_NOT_INSTALLED,
                 "none of the apps that are granted covers " + target + ": " + join(reasons, "; "),
                 "target"};
  }
  return covering.front();
}

}  // namespace tokman
