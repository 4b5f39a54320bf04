#include "daemon/domain/github/key_choice.h"

#include <algorithm>

namespace tokman {

std::string_view key_state_name(KeyState state) {
  switch (state) {
    case KeyState::untried:
      return "untried";
    case KeyState::accepted:
      return "accepted";
    case KeyState::refused:
      return "refused";
    case KeyState::unusable:
      return "unusable";
  }
  return "";
}

void KeyChoice::update(const std::vector<KnownKey>& keys) {
  std::vector<KnownKey> updated = keys;
  for (KnownKey& key : updated) {
    if (key.fingerprint.empty()) {
      key.state = KeyState::unusable;
    } else if (const KnownKey* known = find(key.fingerprint)) {
      key.state = known->state;
      if (key.error.empty() && key.state == KeyState::refused) key.error = known->error;
    }
  }
  keys_ = std::move(updated);
  std::erase_if(proofs_, [this](const Proof& proof) { return find(proof.fingerprint) == nullptr; });
}

void KeyChoice::accept(const std::string& fingerprint) {
  KnownKey* key = find(fingerprint);
  if (key == nullptr || key->state == KeyState::accepted) return;
  key->state = KeyState::accepted;
  key->error.clear();
  std::erase_if(proofs_, [&](const Proof& proof) { return proof.fingerprint == fingerprint; });
}

void KeyChoice::refuse(const std::string& fingerprint, const std::string& why) {
  KnownKey* key = find(fingerprint);
  if (key == nullptr) return;
  key->state = KeyState::refused;
  key->error = why;
}

void KeyChoice::remove(const std::string& fingerprint) {
  std::erase_if(keys_, [&](const KnownKey& key) { return key.fingerprint == fingerprint; });
}

std::optional<std::string> KeyChoice::choose(const std::set<std::string>& tried) const {
  const KnownKey* best = nullptr;
  for (const KnownKey& key : keys_) {
    if (key.state == KeyState::unusable || tried.contains(key.fingerprint)) continue;
    if (best == nullptr || rank(key) < rank(*best)) best = &key;
  }
  if (best != nullptr) return best->fingerprint;
  return tried.empty() ? std::optional<std::string>("") : std::nullopt;
}

std::vector<std::string> KeyChoice::take_due(Instant now) {
  std::vector<std::string> due;
  for (const KnownKey& key : keys_) {
    if (key.state == KeyState::unusable || key.state == KeyState::accepted) continue;
    Proof& proof = proof_of(key.fingerprint, now);
    if (proof.due > now) continue;
    due.push_back(key.fingerprint);
    proof.due = now + proof.pause;
    proof.pause = std::min<std::chrono::milliseconds>(proof.pause * 2, kProveAgainLongest);
  }
  return due;
}

bool KeyChoice::has_done_with_replaced() const {
  const auto is_replaced = [](const KnownKey& key) { return key.is_replaced; };
  const auto is_enough = [](const KnownKey& key) {
    return !key.is_replaced && key.state == KeyState::accepted;
  };
  return std::any_of(keys_.begin(), keys_.end(), is_replaced) &&
         std::any_of(keys_.begin(), keys_.end(), is_enough);
}

bool KeyChoice::has_accepted() const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const KnownKey& key) { return key.state == KeyState::accepted; });
}

KnownKey* KeyChoice::find(const std::string& fingerprint) {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const KnownKey& key) {
    return key.fingerprint == fingerprint;
  });
  return found == keys_.end() ? nullptr : &*found;
}

int KeyChoice::rank(const KnownKey& key) {
  const int after_configured = key.is_replaced ? 1 : 0;
  if (key.state == KeyState::accepted) return after_configured;
  return (key.state == KeyState::untried ? 2 : 4) + after_configured;
}

KeyChoice::Proof& KeyChoice::proof_of(const std::string& fingerprint, Instant now) {
  for (Proof& proof : proofs_) {
    if (proof.fingerprint == fingerprint) return proof;
  }
  return proofs_.emplace_back(Proof{fingerprint, now, kProveAgainFirst});
}

}  // namespace tokman
