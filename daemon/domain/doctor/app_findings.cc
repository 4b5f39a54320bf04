#include "daemon/domain/doctor/app_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::chrono::seconds kClockDoubtful{30};
constexpr std::chrono::minutes kClockBad{5};
constexpr std::size_t kOwnersShown = 10;

std::string named(std::string_view what, const AppFacts& facts) {
  return std::string(what).append(":").append(facts.app.name);
}

// GitHub answered, whatever it said.
bool is_reached(const AppFacts& facts) {
  return facts.info.ok() || facts.info.error().github.has_value();
}

// curl's words, and what they call for. The first that fits counts.
struct Trouble {
  std::string_view words;
  std::string_view advice;
};
constexpr std::string_view kProxyAdvice =
    "see that the proxy runs and lets tokmand through; it is 'proxy' of the app, or else "
    "https_proxy of the environment";
constexpr Trouble kTroubles[] = {
    {"proxy", kProxyAdvice},
    {"certificate",
     "let 'ca_file' of the app name the authority that signed the server's "
     "certificate; behind a proxy that opens TLS, the proxy's"},
    {"SSL",
     "see that 'api_base' is the address of GitHub's API, and that nothing between opens "
     "TLS"},
    {"resolve",
     "see that 'host' or 'api_base' of the app is spelt right, and that DNS works "
     "here: getent hosts NAME"},
    {"refused", "see that the server runs, and that no firewall is between"},
    {"timed out", "see that no firewall is between, and whether a proxy is needed"},
};

std::string advice_on_reach(const AppConfig& app, const std::string& message) {
  const std::string words = lower_case(message);
  // curl speaks of a proxy's address as of any other.
  const bool is_about_tls = words.find("ssl") != std::string::npos;
  if (!app.proxy.empty() && !is_about_tls) return std::string(kProxyAdvice);
  for (const Trouble& trouble : kTroubles) {
    if (words.find(lower_case(trouble.words)) != std::string::npos) {
      return std::string(trouble.advice);
    }
  }
  return "see that this host reaches it: curl -v ADDRESS";
}

std::string advice_on_identity(const Error& error) {
  const std::string& said = error.github->message;
  if (said.find("could not be decoded") != std::string::npos ||
      said.find("public key") != std::string::npos) {
    return "compare the fingerprints above with those in the app's settings on GitHub, and make "
           "a new key there if none is the same";
  }
  if (said.find("Integration not found") != std::string::npos) {
    return "correct 'app_id' or 'client_id', and see that 'host' is the GitHub the app is on";
  }
  if (said.find("must be an Integer") != std::string::npos) {
    return "this server needs 'app_id' instead of 'client_id'";
  }
  if (said.find("claim") != std::string::npos) return "set this machine's clock: chronyc makestep";
  return "read what GitHub says: https://docs.github.com/en/rest/apps";
}

Finding judge_key(const std::string& name, const KnownKey& key) {
  if (key.state == KeyState::unusable) {
    return {name, Verdict::bad, key.error,
            "see that the file is a PEM private key as GitHub gave it, readable by tokman-signer "
            "and by nobody else"};
  }
  if (key.state == KeyState::refused) {
    return {name, Verdict::doubtful,
            fmt::format("{} is refused by GitHub: {}", key.fingerprint, key.error),
            "look for it in the app's settings on GitHub; if it is not there, take it out of "
            "'private_keys'"};
  }
  if (!key.error.empty()) {
    return {name, Verdict::doubtful,
            fmt::format("{} was read before, but now: {}", key.fingerprint, key.error),
            "bring its place back, or take it out of 'private_keys'"};
  }
  const bool is_accepted = key.state == KeyState::accepted;
  return {name, Verdict::good,
          key.fingerprint + (is_accepted ? " is accepted by GitHub" : " was not tried at GitHub")};
}

bool wants(const Grant& grant, const AppConfig& app) {
  return std::find(grant.apps.begin(), grant.apps.end(), app.name) != grant.apps.end();
}

const AppFacts::Installed* find_owner(const AppFacts& facts, const std::string& owner) {
  const auto& all = *facts.installations;
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& each) { return lower_case(each.owner) == owner; });
  return found == all.end() ? nullptr : &*found;
}

std::string list_of(const std::vector<AppFacts::Installed>& installations) {
  std::vector<std::string> owners;
  for (const auto& each : installations) {
    if (owners.size() == kOwnersShown) break;
    owners.push_back(fmt::format("{} ({})", each.owner, each.id));
  }
  const std::size_t others = installations.size() - owners.size();
  return join(owners, ", ") + (others > 0 ? fmt::format(" and {} more", others) : "");
}

// Owners that the configuration counts on, by itself.
Findings judge_expected(const Config& config, const AppFacts& facts) {
  std::map<std::string, std::int64_t> expected = facts.app.installations;
  for (const auto& [owner, organization] : config.organizations) {
    if (organization.app == facts.app.name) expected.emplace(owner, 0);
  }
  Findings findings;
  for (const auto& [owner, id] : expected) {
    const AppFacts::Installed* installed = find_owner(facts, owner);
    if (installed == nullptr && facts.is_whole) {
      findings.push_back({named("installations", facts), Verdict::bad,
                          "the configuration names " + owner + ", where it is not installed",
                          "install the app there, or take the owner out of the configuration"});
    } else if (installed != nullptr && id != 0 && installed->id != id) {
      findings.push_back({named("installations", facts), Verdict::bad,
                          fmt::format("the configuration says {} for {}, GitHub says {}", id, owner,
                                      installed->id),
                          "correct the installation id, or leave it out: then it is looked up"});
    }
  }
  return findings;
}

}  // namespace

Findings judge_app(const Config& config, const AppFacts& facts) {
  Findings findings = judge_keys(facts);
  const auto add = [&findings](Findings more) {
    std::move(more.begin(), more.end(), std::back_inserter(findings));
  };
  add({judge_reach(facts)});
  if (!is_reached(facts)) return findings;
  add({judge_clock(facts), judge_identity(facts)});
  if (!facts.info.ok()) return findings;
  add(judge_permissions(config, facts));
  add(judge_installations(config, facts));
  return findings;
}

Findings judge_keys(const AppFacts& facts) {
  Findings findings;
  for (const KnownKey& key : facts.keys) {
    if (!key.is_replaced) findings.push_back(judge_key(named("keys", facts), key));
  }
  if (!findings.empty()) return findings;
  return {{named("keys", facts), Verdict::doubtful, "the signer does not say which it has",
           "see the line about the signer"}};
}

Finding judge_reach(const AppFacts& facts) {
  const AppConfig& app = facts.app;
  const std::string address =
      app.api_base + (app.proxy.empty() ? "" : " through the proxy " + app.proxy);
  if (is_reached(facts)) {
    return {named("github", facts), Verdict::good,
            fmt::format("{} answers; trusted by {}", address,
                        app.ca_file.empty() ? "the system's authorities" : app.ca_file)};
  }
  const Error& error = facts.info.error();
  if (error.code == TOKMAN_E_SECRET_UNAVAILABLE) {
    return {named("github", facts), Verdict::doubtful, "not asked: " + error.message,
            "see the lines about the signer and the keys"};
  }
  return {named("github", facts), Verdict::bad, address + ": " + error.message,
          advice_on_reach(app, error.message)};
}

Finding judge_clock(const AppFacts& facts) {
  const auto offset = facts.clock_offset;
  const auto size = std::chrono::abs(offset);
  const std::string text = fmt::format("this machine is {} s {} GitHub", size.count(),
                                       offset.count() > 0 ? "behind" : "ahead of");
  const std::string advice = "set this machine's clock, and keep it: timedatectl set-ntp true";
  if (size > kClockBad) return {named("clock", facts), Verdict::bad, text, advice};
  if (size > kClockDoubtful) return {named("clock", facts), Verdict::doubtful, text, advice};
  return {named("clock", facts), Verdict::good,
          fmt::format("within {} s of GitHub's", size.count() + 1)};
}

Finding judge_identity(const AppFacts& facts) {
  if (facts.info.ok()) {
    const AppInfo& info = facts.info.value();
    return {named("app", facts), Verdict::good,
            fmt::format("GitHub knows it as '{}' of {}, id {}", info.slug, info.owner, info.id)};
  }
  const Error& error = facts.info.error();
  return {named("app", facts), Verdict::bad,
          fmt::format("{}; GitHub said {}: {}", error.message, error.github->status,
                      error.github->message),
          advice_on_identity(error)};
}

Findings judge_permissions(const Config& config, const AppFacts& facts) {
  const Permissions& has = facts.info.value().permissions;
  Findings findings;
  for (const Grant& grant : config.grants) {
    if (!wants(grant, facts.app)) continue;
    for (const auto& [name, level] : grant.permissions.levels()) {
      if (has.cover(name, level)) continue;
      const std::string wanted = name + ":" + std::string(access_level_name(level));
      findings.push_back({named("permissions", facts), Verdict::bad,
                          "grant '" + grant.name + "' gives " + wanted + ", which the app lacks",
                          "give the app " + wanted +
                              " in its settings on GitHub, or take it out "
                              "of the grant"});
    }
  }
  if (!findings.empty()) return findings;
  return {{named("permissions", facts), Verdict::good, "the app has what the grants give"}};
}

Findings judge_installations(const Config& config, const AppFacts& facts) {
  const std::string name = named("installations", facts);
  if (!facts.installations) {
    return {{name, Verdict::doubtful, "GitHub did not list them", "run the doctor again"}};
  }
  if (facts.installations->empty()) {
    return {{name, Verdict::bad, "there are none: no token can be had",
             "install the app on an organization or user, in its settings on GitHub"}};
  }
  Findings findings = judge_expected(config, facts);
  for (const auto& each : *facts.installations) {
    if (!each.is_suspended) continue;
    findings.push_back({name, Verdict::doubtful,
                        fmt::format("{} ({}) is suspended", each.owner, each.id),
                        "ask an owner of " + each.owner +
                            " to resume it, in the settings under "
                            "GitHub Apps"});
  }
  if (!findings.empty()) return findings;
  return {{name, Verdict::good, list_of(*facts.installations)}};
}

}  // namespace tokman
