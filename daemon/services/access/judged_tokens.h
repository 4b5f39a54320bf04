#pragma once
// What the store said about tokens that were shown, to judge them by when they are shown again.
//
// It counts until a credential ends or changes, whichever it is; then all is read anew. A bounded
// number is remembered.
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/domain/access/access_token.h"
#include "daemon/services/access/credential_epoch.h"

namespace tokman {

class JudgedTokens {
 public:
  static constexpr std::size_t kRememberedMax = 4096;

  struct Known {
    AccessTokenInfo info;
    std::string secret_hash;
  };

  // REQUIRES: epoch outlives this object.
  explicit JudgedTokens(const CredentialEpoch& epoch) : epoch_(epoch) {}

  // The pointers are good until the next call.
  const Known* find(const std::string& key) {
    if (read_in_ != epoch_.value()) known_.clear();
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : &found->second;
  }

  const Known* keep(Known known) {
    if (read_in_ != epoch_.value() || known_.size() >= kRememberedMax) known_.clear();
    read_in_ = epoch_.value();
    return &known_.insert_or_assign(known.info.key, std::move(known)).first->second;
  }

 private:
  const CredentialEpoch& epoch_;
  std::uint64_t read_in_ = 0;  // The epoch of all that is known.
  std::unordered_map<std::string, Known> known_;
};

}  // namespace tokman
