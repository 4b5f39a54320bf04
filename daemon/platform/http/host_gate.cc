#include "daemon/platform/http/host_gate.h"

#include <algorithm>

namespace tokman {

void HostGate::enter(const std::string& host, Visitor& visitor) {
  std::deque<Visitor*>& queue = queues_[host];
  queue.push_back(&visitor);
  if (queue.size() <= visitors_max_) visitor.on_admitted();
}

void HostGate::leave(const std::string& host, Visitor& visitor) {
  const auto found = queues_.find(host);
  if (found == queues_.end()) return;
  std::deque<Visitor*>& queue = found->second;
  const auto place = std::find(queue.begin(), queue.end(), &visitor);
  if (place == queue.end()) return;
  const bool was_admitted = static_cast<std::size_t>(place - queue.begin()) < visitors_max_;
  queue.erase(place);
  if (queue.empty()) {
    queues_.erase(found);
  } else if (was_admitted && queue.size() >= visitors_max_) {
    queue[visitors_max_ - 1]->on_admitted();
  }
}

}  // namespace tokman
