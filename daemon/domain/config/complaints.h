#pragma once
// What is wrong with one part of the configuration: puts each complaint in words and in its place.
//
//     app 'ci': 'renew_before' must be a duration, "1m" to "50m"
//     ^^^^^^^^  ^^^^^^^^^^^^^^
//     owner     key
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/raw_config.h"

namespace tokman {

class Complaints {
 public:
  // REQUIRES: problems outlives this and all copies of it.
  Complaints(std::vector<ConfigProblem>& problems, std::string owner)
      : problems_(problems), owner_(std::move(owner)) {}

  // For a key of this part: 'match', and then 'match.user'.
  Complaints of_key(std::string_view key) const;

  // `what` follows the key: "is missing", "must be …".
  void add(const SourcePlace& place, std::string_view what) const;

  // Names the known key that is most like it.
  void add_unknown(const SourcePlace& place, std::string_view key,
                   std::span<const std::string_view> known) const;

 private:
  void push(const SourcePlace& place, const std::string& message) const;

  std::vector<ConfigProblem>& problems_;
  std::string owner_;  // "": nobody in particular.
  std::string key_;    // "": the part as a whole.
};

// "; did you mean 'socket'?" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace tokman
