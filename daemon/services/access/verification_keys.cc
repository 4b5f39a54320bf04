#include "daemon/services/access/verification_keys.h"

namespace tokman {

const VerificationKey* VerificationKeys::find(std::string_view kid) const {
  if (!keys_.ok()) return nullptr;
  for (const VerificationKey& key : keys_.value()) {
    if (key.kid == kid) return &key;
  }
  return nullptr;
}

OperationPtr VerificationKeys::ask(std::function<void(const Result<Keys>&)> callback) {
  if (told_at_ && clock_.now() < *told_at_ + kFreshFor) {
    return timers_.at(clock_.now(), [this, callback = std::move(callback)] { callback(keys_); });
  }
  OperationPtr waiting = waiters_.add(std::move(callback));
  if (!asking_)
    asking_ = signer_.verification_keys([this](const Result<Keys>& told) { on_told(told); });
  return waiting;
}

void VerificationKeys::on_told(const Result<Keys>& told) {
  asking_.reset();
  told_at_ = clock_.now();
  if (told.ok() || !keys_.ok()) keys_ = told;  // What was known stays known.
  waiters_.answer_all(told);
}

}  // namespace tokman
