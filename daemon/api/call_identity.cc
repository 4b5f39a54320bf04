#include "daemon/api/call_identity.h"

namespace tokman {

CallIdentity::CallIdentity(const json::Value& auth, const World& world)
    : world_(world), has_auth_(auth.exists()) {
  if (const auto text = auth.as_text()) auth_.emplace(*text);
}

std::optional<Result<Done>> CallIdentity::judge() {
  if (!has_auth_) return Done{};
  if (!auth_) return Error{TOKMAN_E_INVALID_ARGUMENT, "'auth' must be a string", "auth"};
  std::optional<Result<Caller>> judged = world_.services.credentials.judge(*auth_, world_.peer);
  if (!judged) return std::nullopt;
  if (!judged->ok()) return judged->error();
  present(std::move(*judged).value());
  return Done{};
}

OperationPtr CallIdentity::prepare(std::function<void(const Result<Done>&)> callback) {
  return world_.services.credentials.prepare(*auth_, std::move(callback));
}

Result<Done> CallIdentity::judge_again() {
  const Credentials& credentials = world_.services.credentials;
  if (!presented_ || credentials.still_holds(*presented_)) return Done{};
  Result<Caller> judged = credentials.judge_again(*auth_, *presented_, world_.peer);
  if (!judged.ok()) return judged.error();
  present(std::move(judged).value());
  return Done{};
}

void CallIdentity::present(Caller caller) {
  if (!account_) {
    account_.emplace(world_.services.budgets, caller.account, world_.services.clock.now());
  }
  presented_ = std::make_shared<const Caller>(std::move(caller));
}

}  // namespace tokman
