#pragma once
// A client: who has no uid of its own, but an id and a key.
//
// Its record says what it may do, and from when to when its keys are good. The keys themselves are
// kept as hashes (scrypt), all of one salt: so one hash tells whether any of them was given, and a
// client with two costs as much to check as one with one.
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/policy/scope.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kClientTextBytesMax = 1024;  // Of owner and description.
inline constexpr std::size_t kClientUidsMax = 256;
// Of scopes and priorities together: they stand in each of its JWTs.
inline constexpr std::size_t kClientClaimBytesMax = 2048;
inline constexpr std::size_t kClientKeyBytesMin = 15;
inline constexpr std::size_t kClientKeyBytesMax = 1024;
inline constexpr std::chrono::seconds kKeyOverlapMax = std::chrono::hours(7 * 24);
inline constexpr std::string_view kAnyQueue = "*";

// How a client's keys are hashed: scrypt's numbers.
struct KeyStretch {
  std::uint64_t n = 0;
  std::uint64_t r = 0;
  std::uint64_t p = 0;
  std::string salt;

  bool operator==(const KeyStretch&) const = default;
};

struct ClientKey {
  std::string hash;
  UnixTime created{};
  std::optional<UnixTime> until = {};  // Of the former one, while a new one takes over.

  bool is_good(UnixTime now) const { return !until || now < *until; }
  bool operator==(const ClientKey&) const = default;
};

struct Client {
  std::string id;
  std::string owner = {};
  std::string description = {};
  ScopeNames scopes = {};
  // By queue, which is an app's name or kAnyQueue. See Subject::priority_bound().
  std::map<std::string, std::int64_t> max_priority = {};
  std::vector<uid_t> bind_uids = {};  // Who may present its credentials; empty: everybody.
  std::optional<UnixTime> expires = {};
  bool is_disabled = false;
  UnixTime created{};
  UnixTime modified{};
  std::int64_t version = 0;  // Counts its changes, from 1.
  KeyStretch stretch = {};
  std::vector<ClientKey> keys = {};  // The newest first; two at most.

  // Whether it may log in, and what it logged in with is good.
  bool is_alive(UnixTime now) const { return !is_disabled && (!expires || now < *expires); }

  // REQUIRES: hash was made with `stretch`.
  bool has_key(std::string_view hash, UnixTime now) const;

  // `key` takes over; the former one stays good for `overlap`, if it still is.
  void change_key(std::string hash, UnixTime now, std::chrono::seconds overlap);

  bool operator==(const Client&) const = default;
};

// [a-z0-9][a-z0-9._-]{0,63}
bool fits_client_id(std::string_view text);

// What is wrong with a client as somebody wants it to be, by the name of the field.
Result<Done> check_client(const Client& client);

// A key that somebody chose; one that we make needs no check.
Result<Done> check_client_key(const SecretBytes& key);

// A scope in `wanted` that is not in `held`; none if all are.
std::optional<std::string> scope_beyond(const ScopeNames& wanted, const ScopeNames& held);

}  // namespace tokman
