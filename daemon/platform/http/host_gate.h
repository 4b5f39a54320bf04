#pragma once
// Keeps the number of visitors of one host bounded; the others wait in the order they came.
#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace tokman {

class HostGate {
 public:
  class Visitor {
   public:
    // REQUIRES: does not enter or leave from inside this call.
    virtual void on_admitted() = 0;

   protected:
    ~Visitor() = default;
  };

  explicit HostGate(std::size_t visitors_max) : visitors_max_(visitors_max) {}

  // Admits at once if there is room. REQUIRES: the visitor leaves before it is destroyed.
  void enter(const std::string& host, Visitor& visitor);
  // Whether it was admitted or is still waiting; admits the next.
  void leave(const std::string& host, Visitor& visitor);

 private:
  const std::size_t visitors_max_;
  // The first visitors_max_ of each queue are those admitted.
  std::map<std::string, std::deque<Visitor*>> queues_;
};

}  // namespace tokman
