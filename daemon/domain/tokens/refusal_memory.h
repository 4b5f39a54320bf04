#pragma once
// GitHub's refusals, remembered for a while so that it is not asked the same again and again.
//
// How long depends on the cause: "not installed" and "credentials not accepted" 30 s, doubling to
// 5 min while they last; suspended, permissions, repositories 5 min. Other errors are not kept.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"

namespace tokman {

struct Refusal {
  std::string app;
  std::string target;  // "owner" or "owner/repository"
  Error error;
  Instant since{};  // Of the first of several that followed one another.
  Instant until{};
};

class RefusalMemory {
 public:
  explicit RefusalMemory(std::size_t refusals_max) : refusals_max_(refusals_max) {}

  // Keeps `refusal.error` if its cause is one to be kept; its times are set here.
  void remember(const std::string& key, Refusal refusal, Instant now);

  // The error to answer with, its retry_after counted from `now`; none if GitHub may be asked.
  std::optional<Error> find(const std::string& key, Instant now) const;

  void forget(const std::string& key) { kept_.erase(key); }
  // Those of the owner and its repositories.
  void forget_owner(std::string_view app, std::string_view owner);
  // Those of the app that have this cause.
  void forget_cause(std::string_view app, tokman_error cause);
  void forget_all() { kept_.clear(); }
  void for_each(Instant now, const std::function<void(const Refusal&)>& visit) const;

 private:
  struct Kept {
    Refusal refusal;
    std::chrono::seconds wait;
  };

  void make_room(Instant now);

  std::size_t refusals_max_;
  std::map<std::string, Kept, std::less<>> kept_;
};

}  // namespace tokman
