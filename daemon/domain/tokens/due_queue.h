#pragma once
// What is due next. Holds no timer and calls no one: it is asked.
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "daemon/base/ports.h"

namespace tokman {

class DueQueue {
 public:
  // Replaces an earlier due time of the same key.
  void put(const std::string& key, Instant due);
  void drop(const std::string& key);

  // When to ask again; none if nothing is waiting.
  std::optional<Instant> next_due() const;

  // The key that has been due longest, taken out of the queue; none if none is due at `now`.
  std::optional<std::string> take_due(Instant now);

  std::size_t size() const { return due_.size(); }

 private:
  std::unordered_map<std::string, Instant> due_;
  std::set<std::pair<Instant, std::string_view>> order_;  // Views into due_.
};

}  // namespace tokman
