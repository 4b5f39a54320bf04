#pragma once
// Which token is wanted, as the frame that asks for it. The frame is rendered once.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tokman/tokman.h>

#include "libtokman/json/value.h"

namespace tokman {

class Request {
 public:
  explicit Request(std::string_view target) : target_(target) {}

  const std::string& target() const { return target_; }

  void set_app(std::string_view app);
  void add_repository(std::string_view name);
  void add_permission(std::string_view name, tokman_access access);
  void set_min_lifetime_s(std::uint32_t lifetime_s);
  void set_priority(std::uint32_t priority);
  void set_rejected(std::optional<std::string> fingerprint);
  void set_exclusive(bool is_exclusive);

  // Lives until the request is changed.
  const std::string& frame() const;

  // The frame that reports a token of this request as rejected.
  std::string rejection_frame(std::string_view fingerprint) const;

 private:
  json::Value which() const;
  std::string render() const;

  std::string target_;
  std::optional<std::string> app_;
  std::vector<std::string> repositories_;
  std::map<std::string, std::string> permissions_;  // Level by name.
  std::optional<std::uint32_t> min_lifetime_s_;
  std::optional<std::uint32_t> priority_;
  std::optional<std::string> rejected_;
  bool is_exclusive_ = false;
  mutable std::optional<std::string> frame_;  // Empty until it is asked for.
};

}  // namespace tokman
