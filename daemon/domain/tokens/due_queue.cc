#include "daemon/domain/tokens/due_queue.h"

namespace tokman {

void DueQueue::put(const std::string& key, Instant due) {
  drop(key);
  const auto added = due_.emplace(key, due).first;
  order_.emplace(due, added->first);
}

void DueQueue::drop(const std::string& key) {
  const auto known = due_.find(key);
  if (known == due_.end()) return;
  order_.erase({known->second, known->first});
  due_.erase(known);
}

std::optional<Instant> DueQueue::next_due() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::optional<std::string> DueQueue::take_due(Instant now) {
  if (order_.empty() || order_.begin()->first > now) return std::nullopt;
  std::string key(order_.begin()->second);
  drop(key);
  return key;
}

}  // namespace tokman
