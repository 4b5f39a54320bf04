#include "daemon/domain/limits/mint_queue.h"

namespace tokman {
namespace {
constexpr std::chrono::milliseconds kTimePerPoint{20};
}

MintQueue::Place MintQueue::place_of(Ticket ticket, const Entry& entry) {
  return {entry.arrived - entry.priority * kTimePerPoint, ticket};
}

MintQueue::Ticket MintQueue::add(int priority, Instant now) {
  const Ticket ticket = ++last_ticket_;
  const Entry entry{now, priority};
  entries_.emplace(ticket, entry);
  places_.insert(place_of(ticket, entry));
  return ticket;
}

void MintQueue::raise(Ticket ticket, int priority) {
  Entry& entry = entries_.at(ticket);
  if (priority <= entry.priority) return;
  places_.erase(place_of(ticket, entry));
  entry.priority = priority;
  places_.insert(place_of(ticket, entry));
}

void MintQueue::drop(Ticket ticket) {
  const auto found = entries_.find(ticket);
  if (found == entries_.end()) return;
  places_.erase(place_of(ticket, found->second));
  entries_.erase(found);
}

std::optional<MintQueue::Ticket> MintQueue::first() const {
  if (places_.empty()) return std::nullopt;
  return places_.begin()->ticket;
}

std::optional<MintQueue::Ticket> MintQueue::last() const {
  if (places_.empty()) return std::nullopt;
  return places_.rbegin()->ticket;
}

}  // namespace tokman
