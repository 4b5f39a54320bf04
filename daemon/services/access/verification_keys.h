#pragma once
// The public keys behind JWTs of clients: those of the signer, as it told them last.
//
// They are asked for when somebody wants to know, but at most once in kFreshFor: a stream of JWTs
// with keys that nobody has costs the signer nothing.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/services/signer/signer.h"

namespace tokman {

class VerificationKeys {
 public:
  static constexpr std::chrono::seconds kFreshFor{1};
  using Keys = std::vector<VerificationKey>;

  // REQUIRES: all outlive this object.
  VerificationKeys(Signer& signer, const Clock& clock, Timers& timers)
      : signer_(signer), clock_(clock), timers_(timers) {}

  // nullptr if no such key was told yet. The pointer is good until the loop's next turn.
  const VerificationKey* find(std::string_view kid) const;

  // As of kFreshFor ago at most.
  [[nodiscard]] OperationPtr ask(std::function<void(const Result<Keys>&)> callback);

 private:
  void on_told(const Result<Keys>& told);

  Signer& signer_;
  const Clock& clock_;
  Timers& timers_;
  Result<Keys> keys_ = Keys();
  std::optional<Instant> told_at_;
  Waiters<Result<Keys>> waiters_;
  OperationPtr asking_;
};

}  // namespace tokman
