#pragma once
// Which of an app's private keys signs next, by what GitHub has said of each.
//
//   untried ──accepted──► accepted ◄──┐
//      │                     │        │ accepted
//      └─────refused─────► refused ───┘
//
// An accepted key is used before others, in the order of the configuration; one that was replaced
// comes after those that are configured. So a new key is not used before it is proven, as long as
// there is another that GitHub accepts. Refused keys come last: they are tried where nothing else
// is left, and proven again now and then.
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/ports.h"

namespace tokman {

enum class KeyState : std::uint8_t { untried, accepted, refused, unusable };
std::string_view key_state_name(KeyState state);

struct KnownKey {
  std::string fingerprint;  // "" if it is unusable.
  std::string error;        // Why it is unusable or refused, or why its place gives nothing now.
  bool is_replaced = false;
  KeyState state = KeyState::untried;
};

class KeyChoice {
 public:
  static constexpr std::chrono::seconds kProveAgainFirst{15};
  static constexpr std::chrono::minutes kProveAgainLongest{15};

  // What the signer has now, in its order; what GitHub said of those that stay is not forgotten.
  void update(const std::vector<KnownKey>& keys);

  void accept(const std::string& fingerprint);
  void refuse(const std::string& fingerprint, const std::string& why);
  void remove(const std::string& fingerprint);

  // The key for the next attempt; none if each was tried. "" leaves it to the signer, where no
  // usable key is known: it may have one by now, and else says why not.
  std::optional<std::string> choose(const std::set<std::string>& tried) const;

  // Those that it is time to prove: all that are not accepted, at growing intervals.
  std::vector<std::string> take_due(Instant now);

  // A configured key is accepted, so that the replaced ones are not needed any more.
  bool has_done_with_replaced() const;

  bool has_accepted() const;
  const std::vector<KnownKey>& keys() const { return keys_; }

 private:
  struct Proof {
    std::string fingerprint;
    Instant due;
    std::chrono::milliseconds pause;
  };

  KnownKey* find(const std::string& fingerprint);
  static int rank(const KnownKey& key);
  Proof& proof_of(const std::string& fingerprint, Instant now);

  std::vector<KnownKey> keys_;
  std::vector<Proof> proofs_;  // Of keys that are there and not accepted.
};

}  // namespace tokman
