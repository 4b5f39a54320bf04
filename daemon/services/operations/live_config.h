#pragma once
// The configuration and policy in force right now.
//
// A reload replaces both together and raises the generation. Whoever remembers a decision keeps
// the generation with it and asks anew when it has changed.
#include <cstdint>
#include <memory>
#include <string>

#include "daemon/domain/config/config.h"
#include "daemon/domain/policy/policy.h"

namespace tokman {

class LiveConfig {
 public:
  explicit LiveConfig(std::shared_ptr<const Config> config)
      : config_(std::move(config)), policy_(make_policy(*config_)) {}

  void replace(std::shared_ptr<const Config> config) {
    policy_ = make_policy(*config);
    config_ = std::move(config);
    ++generation_;
    error_.clear();
  }

  const Config& config() const { return *config_; }
  const Policy& policy() const { return *policy_; }
  std::uint64_t generation() const { return generation_; }

  // Why the newest files are not in force; "" if they are.
  const std::string& error() const { return error_; }
  void set_error(std::string error) { error_ = std::move(error); }

 private:
  static std::unique_ptr<Policy> make_policy(const Config& config) {
    return std::make_unique<Policy>(config.grants, config.organizations);
  }

  std::shared_ptr<const Config> config_;
  std::unique_ptr<Policy> policy_;
  std::uint64_t generation_ = 1;
  std::string error_;
};

}  // namespace tokman
