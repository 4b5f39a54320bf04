#pragma once
// What the doctor makes of this host: configuration, socket, store, and the signer's process.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/config/config.h"
#include "daemon/domain/doctor/finding.h"

namespace tokman {

// What was seen, as text or numbers; none where it could not be.
struct HostFacts {
  std::vector<std::string> config_problems;
  struct Socket {
    std::uint32_t mode = 0;  // The nine bits of permissions.
    std::string group;       // Its name, or its number.
  };
  std::optional<Socket> socket;
  std::optional<std::int64_t> store_bytes;
  std::string store_error;  // Of opening it, or of the last write; "" if all is well.
  struct Signer {
    bool is_reachable = false;
    std::string status;    // /proc/PID/status
    std::string networks;  // /proc/PID/net/dev
  };
  Signer signer;
  std::string own_networks;
};

Findings judge_configuration(const HostFacts& facts);
Finding judge_socket(const DaemonConfig& config, const HostFacts& facts);
Finding judge_store(const DaemonConfig& config, const HostFacts& facts);
// Whether it is there, and has closed its sandbox.
Finding judge_signer(const HostFacts& facts);
// Only where keys come over the network: whether the signer can reach it at all.
std::optional<Finding> judge_signer_network(const Config& config, const HostFacts& facts);

}  // namespace tokman
