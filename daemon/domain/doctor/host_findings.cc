#include "daemon/domain/doctor/host_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/domain/config/secret_scheme.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

// The value of "Seccomp:\t2" in /proc/PID/status; "" if there is no such line.
std::string_view status_value(std::string_view status, std::string_view name) {
  for (const std::string_view line : split(status, '\n')) {
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) continue;
    return trim(line.substr(name.size() + 1));
  }
  return "";
}

// /proc/PID/net/dev has a line "eth0: …" for each interface, below two of titles.
bool has_network(std::string_view networks) {
  const auto lines = split(networks, '\n');
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    const auto colon = line.find(':');
    return colon != std::string_view::npos && trim(line.substr(0, colon)) != "lo";
  });
}

bool is_from_network(const std::string& location) {
  const auto place = parse_secret_place(location);
  return place && (place->scheme == SecretScheme::aws || place->scheme == SecretScheme::vault);
}

}  // namespace

Findings judge_configuration(const HostFacts& facts) {
  if (facts.config_problems.empty()) {
    return {{"configuration", Verdict::good, "the files have no mistakes"}};
  }
  Findings findings;
  for (const std::string& problem : facts.config_problems) {
    findings.push_back({"configuration", Verdict::bad, problem,
                        "correct it, then: tokmand --check-config && tokman reload"});
  }
  return findings;
}

Finding judge_socket(const DaemonConfig& config, const HostFacts& facts) {
  if (!facts.socket) {
    return {"socket", Verdict::doubtful, "there is none at " + config.socket,
            "start tokmand; if systemd opens the socket, set daemon.socket to its ListenStream="};
  }
  const auto& [mode, group] = *facts.socket;
  const std::string seen =
      fmt::format("{} has mode {:04o} and group {}", config.socket, mode, group);
  const bool is_group_right = config.socket_group.empty() || config.socket_group == group;
  if (mode == config.socket_mode && is_group_right) return {"socket", Verdict::good, seen};
  const std::string wanted_group =
      config.socket_group.empty() ? "" : " and group " + config.socket_group;
  return {"socket", Verdict::bad,
          fmt::format("{}; configured are mode {:04o}{}", seen, config.socket_mode, wanted_group),
          "restart tokmand; if systemd opens the socket, set SocketMode= and SocketGroup= there"};
}

Finding judge_store(const DaemonConfig& config, const HostFacts& facts) {
  const std::string where = config.state_directory;
  if (!facts.store_error.empty()) {
    return {"store", Verdict::bad, facts.store_error,
            "see that " + where +
                " is tokmand's own, that its disk has room, and that store.key "
                "is the key it was made with"};
  }
  if (!facts.store_bytes) {
    return {"store", Verdict::doubtful, "there is none in " + where + " yet",
            "nothing, if tokmand has never run here: it makes one"};
  }
  return {"store", Verdict::good,
          fmt::format("opens; {} KiB in {}", *facts.store_bytes / 1024, where)};
}

Finding judge_signer(const HostFacts& facts) {
  if (!facts.signer.is_reachable) {
    return {"signer", Verdict::bad, "does not answer: no new tokens until it does",
            "see why in the journal: journalctl -u tokmand -u tokman-signer"};
  }
  const std::string_view seccomp = status_value(facts.signer.status, "Seccomp");
  const std::string_view no_new_privileges = status_value(facts.signer.status, "NoNewPrivs");
  if (seccomp.empty()) {
    return {"signer", Verdict::doubtful, "answers; whether its sandbox is closed cannot be seen",
            "look by hand: grep -E 'Seccomp|NoNewPrivs' /proc/$(pidof tokman-signer)/status"};
  }
  if (seccomp != "2" || no_new_privileges != "1") {
    return {"signer", Verdict::bad, "answers, but its sandbox is open",
            "stop it: what runs there is not the tokman-signer that was installed"};
  }
  return {"signer", Verdict::good, "answers, and its sandbox is closed"};
}

std::optional<Finding> judge_signer_network(const Config& config, const HostFacts& facts) {
  std::vector<std::string> apps;
  for (const AppConfig& app : config.apps) {
    std::vector<std::string> places = app.private_keys;
    places.insert(places.end(), app.webhook_secrets.begin(), app.webhook_secrets.end());
    if (std::any_of(places.begin(), places.end(), is_from_network)) apps.push_back(app.name);
  }
  if (apps.empty() || facts.signer.networks.empty()) return std::nullopt;
  const std::string which = "secrets of " + join(apps, ", ") + " come over the network";
  if (has_network(facts.signer.networks) || !has_network(facts.own_networks)) {
    return Finding{"signer-network", Verdict::good, which + ", and the signer has one"};
  }
  return Finding{"signer-network", Verdict::bad, which + ", but the signer's unit denies it",
                 "write to /etc/systemd/system/tokman-signer.service.d/network.conf: [Service] "
                 "PrivateNetwork=no RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 "
                 "IPAddressDeny= (a line each), then: systemctl daemon-reload && systemctl "
                 "restart tokman-signer"};
}

}  // namespace tokman
