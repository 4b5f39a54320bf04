#pragma once
// Mints that wait for their turn: the most urgent first, and nobody waits for ever.
//
// Order: priority, then arrival. Who waits rises by a point every 20 ms, so that 1,000 points are a
// lead of 20 s and no more, and background renewals come after all callers of the last minute.
// All rise alike, so the order of two never changes while both wait: no one is sorted again.
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "daemon/base/ports.h"

namespace tokman {

inline constexpr int kBackgroundPriority = -3000;  // Callers have 0 to 1,000.

class MintQueue {
 public:
  using Ticket = std::uint64_t;

  Ticket add(int priority, Instant now);
  // Keeps the time already waited. REQUIRES: the ticket waits. A lower priority changes nothing.
  void raise(Ticket ticket, int priority);
  void drop(Ticket ticket);

  // None if nobody waits.
  std::optional<Ticket> first() const;
  std::optional<Ticket> last() const;
  std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    Instant rank;  // The arrival, moved ahead by the priority.
    Ticket ticket = 0;
    bool operator<(const Place& other) const {
      return std::tie(rank, ticket) < std::tie(other.rank, other.ticket);
    }
  };
  struct Entry {
    Instant arrived;
    int priority = 0;
  };
  static Place place_of(Ticket ticket, const Entry& entry);

  Ticket last_ticket_ = 0;
  std::set<Place> places_;
  std::unordered_map<Ticket, Entry> entries_;
};

}  // namespace tokman
