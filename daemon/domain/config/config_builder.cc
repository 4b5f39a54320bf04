#include "daemon/domain/config/config_builder.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "daemon/domain/config/complaints.h"
#include "daemon/domain/config/config_layers.h"
#include "daemon/domain/config/section_reader.h"
#include "daemon/domain/config/settings.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kRootKeys[] = {"environment", "environments",  "daemon",
                                          "store",       "secrets",       "access",
                                          "app",         "organizations", "grant"};
constexpr std::string_view kGithubHost = "github.com";
constexpr std::string_view kResidencySuffix = ".ghe.com";

// GitHub's three products, and where each has its API.
std::string api_base_of(const std::string& host) {
  const bool has_api_host = host == kGithubHost || host.ends_with(kResidencySuffix);
  return has_api_host ? "https://api." + host : "https://" + host + "/api/v3";
}

// The way back, for an app that only says where its API is.
std::string git_host_of(std::string_view api_base) {
  std::string host = lower_case(split(api_base, '/')[2]);
  for (const auto& product : {std::string(kGithubHost), host.substr(host.find('.') + 1)}) {
    if (api_base_of(product) == "https://" + host) return product;
  }
  return host;
}

void derive_hosts(AppDraft& app) {
  if (app.api_base.ends_with('/')) app.api_base.pop_back();
  if (app.host.empty() && app.api_base.empty()) app.host = kGithubHost;
  app.host = lower_case(app.host);
  if (app.git_host.empty()) {
    app.git_host = app.host.empty() ? git_host_of(app.api_base) : app.host;
  }
  app.git_host = lower_case(app.git_host);
  if (app.api_base.empty()) app.api_base = api_base_of(app.host);
}

class ConfigBuilder {
 public:
  explicit ConfigBuilder(std::vector<ConfigProblem> problems) : problems_(std::move(problems)) {}

  // `nowhere` is the place of what is missing altogether.
  ConfigDraft build(const RawTable& root, const SourcePlace& nowhere);

 private:
  using ReadEntry = void (ConfigBuilder::*)(const RawTable&, const SourcePlace&);

  void read_root_keys(const RawTable& root);
  template <class Section>
  void read_table(const RawTable& root, std::string_view key, const SourcePlace& nowhere,
                  std::span<const Setting<Section>> settings, Section& section);
  void read_entries(const RawTable& root, std::string_view key, ReadEntry read_entry);
  void read_app(const RawTable& table, const SourcePlace& place);
  void read_grant(const RawTable& table, const SourcePlace& place);
  void read_organizations(const RawTable& root);
  void read_organization(const std::string& owner, const RawValue& value,
                         const Complaints& complaints);
  void pin_installation(const std::string& owner, const Organization& organization,
                        const SourcePlace& place, const Complaints& complaints);
  void check_source(const std::string& location, const SourcePlace& place,
                    const std::string& owner);
  void check_apps(const RawTable& table, const Grant& grant, const Complaints& complaints);
  void check_scopes(const RawTable& table, const Grant& grant, const Complaints& complaints);

  Complaints entry_complaints(std::string_view kind, const RawTable& table);
  void refuse_second(std::set<std::string>& names, const std::string& name,
                     const SourcePlace& place, const Complaints& complaints);

  Config config_;
  std::vector<ConfigProblem> problems_;
  std::set<std::string> app_names_;
  std::set<std::string> grant_names_;
};

ConfigDraft ConfigBuilder::build(const RawTable& root, const SourcePlace& nowhere) {
  read_root_keys(root);
  read_table<DaemonConfig>(root, "daemon", nowhere, kDaemonSettings, config_.daemon);
  read_table<StoreConfig>(root, "store", nowhere, kStoreSettings, config_.store);
  const RawValue* store = find_key(root, "store");
  config_.store.place = store != nullptr ? store->place : nowhere;
  read_table<SecretsConfig>(root, "secrets", nowhere, kSecretsSettings, config_.secrets);
  const RawValue* secrets = find_key(root, "secrets");
  config_.secrets.place = secrets != nullptr ? secrets->place : nowhere;
  read_table<AccessConfig>(root, "access", nowhere, kAccessSettings, config_.access);
  const RawValue* access = find_key(root, "access");
  config_.access.place = access != nullptr ? access->place : nowhere;
  for (const ScopeName& row : kScopeNames) config_.scopes.emplace(row.name);
  for (const auto& [name, about] : config_.access.scopes) config_.scopes.insert(name);
  check_source(config_.store.key, config_.store.place, "store");
  for (const std::string& key : config_.store.previous_keys) {
    check_source(key, config_.store.place, "store");
  }
  read_entries(root, "app", &ConfigBuilder::read_app);
  read_organizations(root);
  read_entries(root, "grant", &ConfigBuilder::read_grant);
  sort_problems(problems_);
  return {std::move(config_), std::move(problems_)};
}

void ConfigBuilder::read_root_keys(const RawTable& root) {
  const Complaints complaints(problems_, "");
  TopLevel top;  // config_layers has used it; here its form is checked.
  RawTable settings_only;
  for (const auto& [key, value] : root) {
    if (key == "environment") settings_only.push_back({key, value});
    if (std::find(std::begin(kRootKeys), std::end(kRootKeys), key) == std::end(kRootKeys)) {
      complaints.add_unknown(value.place, key, kRootKeys);
    }
  }
  read_section<TopLevel>(settings_only, {}, kTopSettings, top, complaints);
}

template <class Section>
void ConfigBuilder::read_table(const RawTable& root, std::string_view key,
                               const SourcePlace& nowhere,
                               std::span<const Setting<Section>> settings, Section& section) {
  const RawTable nothing;
  const Complaints complaints = Complaints(problems_, "").of_key(key);
  const RawValue* value = find_key(root, key);
  const auto* table = value != nullptr ? std::get_if<RawTable>(&value->content) : &nothing;
  const SourcePlace& place = value != nullptr ? value->place : nowhere;
  if (table == nullptr) return complaints.add(place, "must be a table");
  read_section(*table, place, settings, section, complaints);
}

void ConfigBuilder::read_entries(const RawTable& root, std::string_view key, ReadEntry read_entry) {
  const RawValue* value = find_key(root, key);
  if (value == nullptr) return;
  const auto* entries = std::get_if<RawList>(&value->content);
  const std::string wanted = "must be written as [[" + std::string(key) + "]]";
  const Complaints complaints = Complaints(problems_, "").of_key(key);
  if (entries == nullptr) return complaints.add(value->place, wanted);
  for (const RawValue& entry : *entries) {
    if (const auto* table = std::get_if<RawTable>(&entry.content)) {
      (this->*read_entry)(*table, entry.place);
    } else {
      complaints.add(entry.place, wanted);
    }
  }
}

void ConfigBuilder::read_app(const RawTable& table, const SourcePlace& place) {
  const Complaints complaints = entry_complaints("app", table);
  AppDraft app;
  read_section<AppDraft>(table, place, kAppSettings, app, complaints);
  refuse_second(app_names_, app.name, place, complaints);
  if (find_key(table, "app_id") == nullptr && find_key(table, "client_id") == nullptr) {
    complaints.add(place, "'app_id' or 'client_id' is needed");
  }
  for (const auto* locations : {&app.private_keys, &app.webhook_secrets}) {
    for (const std::string& it : *locations) check_source(it, place, "app '" + app.name + "'");
  }
  derive_hosts(app);
  app.place = place;
  config_.apps.push_back(std::move(app));
}

void ConfigBuilder::read_organizations(const RawTable& root) {
  const RawValue* value = find_key(root, "organizations");
  if (value == nullptr) return;
  const Complaints complaints = Complaints(problems_, "").of_key("organizations");
  const auto* table = std::get_if<RawTable>(&value->content);
  if (table == nullptr || table->empty()) {
    return complaints.add(value->place, "must be a table of owners; without it, all are served");
  }
  for (const auto& [owner, content] : *table) {
    read_organization(owner, content, complaints.of_key(owner));
  }
}

void ConfigBuilder::read_organization(const std::string& owner, const RawValue& value,
                                      const Complaints& complaints) {
  if (!is_target(owner) || owner.find_first_of("/*") != std::string::npos) {
    return complaints.add(value.place, "must be the name of an owner");
  }
  // Only a name is short for a table with that app.
  const auto* table = std::get_if<RawTable>(&value.content);
  const RawTable only_app{{"app", value}};
  Organization organization;
  read_section<Organization>(table != nullptr ? *table : only_app, value.place,
                             kOrganizationSettings, organization, complaints);
  if (!organization.app.empty() && !app_names_.contains(organization.app)) {
    const std::vector<std::string_view> known(app_names_.begin(), app_names_.end());
    complaints.of_key("app").add(value.place, "names '" + organization.app +
                                                  "', but there is no such app" +
                                                  did_you_mean(organization.app, known));
  }
  pin_installation(lower_case(owner), organization, value.place, complaints);
  if (!config_.organizations.emplace(lower_case(owner), organization).second) {
    complaints.add(value.place, "is there twice: letter case makes no difference");
  }
}

// From here on it is as if it stood in the app's `installations`.
void ConfigBuilder::pin_installation(const std::string& owner, const Organization& organization,
                                     const SourcePlace& place, const Complaints& complaints) {
  if (organization.installation_id == 0) return;
  if (organization.app.empty()) {
    return complaints.add(place, "needs 'app': an installation is of one app");
  }
  for (AppConfig& app : config_.apps) {
    if (app.name != organization.app) continue;
    const auto [pinned, is_new] = app.installations.emplace(owner, organization.installation_id);
    if (is_new || pinned->second == organization.installation_id) continue;
    complaints.of_key("installation")
        .add(place, "differs from 'installations' of app '" + app.name + "'");
  }
}

void ConfigBuilder::read_grant(const RawTable& table, const SourcePlace& place) {
  const Complaints complaints = entry_complaints("grant", table);
  Grant grant;
  read_section<Grant>(table, place, kGrantSettings, grant, complaints);
  refuse_second(grant_names_, grant.name, place, complaints);
  for (std::string_view key : {"apps", "targets", "permissions"}) {
    if (!grant.gives(Scope::github_token) || find_key(table, key) != nullptr) continue;
    complaints.of_key(key).add(place, "is missing: the scope \"github:token\" needs it");
  }
  check_apps(table, grant, complaints);
  check_scopes(table, grant, complaints);
  for (std::string& target : grant.targets) target = lower_case(target);
  config_.grants.push_back(std::move(grant));
}

void ConfigBuilder::check_source(const std::string& location, const SourcePlace& place,
                                 const std::string& owner) {
  const SecretsConfig& secrets = config_.secrets;
  const struct {
    std::string_view scheme;
    std::string_view key;
    const std::string& value;
  } needs[] = {{"vault:", "vault_address", secrets.vault_address},
               {"vault:", "vault_token", secrets.vault_token},
               {"pkcs11:", "pkcs11_module", secrets.pkcs11_module}};
  for (const auto& need : needs) {
    if (!location.starts_with(need.scheme) || !need.value.empty()) continue;
    Complaints(problems_, owner)
        .add(place, "has a place that begins with '" + std::string(need.scheme) +
                        "', but 'secrets." + std::string(need.key) + "' is missing");
  }
}

void ConfigBuilder::check_apps(const RawTable& table, const Grant& grant,
                               const Complaints& complaints) {
  const std::vector<std::string_view> known(app_names_.begin(), app_names_.end());
  for (const std::string& app : grant.apps) {
    if (app.empty() || app_names_.contains(app)) continue;
    complaints.of_key("apps").add(
        find_key(table, "apps")->place,
        "names '" + app + "', but there is no such app" + did_you_mean(app, known));
  }
}

void ConfigBuilder::check_scopes(const RawTable& table, const Grant& grant,
                                 const Complaints& complaints) {
  const std::vector<std::string_view> known(config_.scopes.begin(), config_.scopes.end());
  for (const std::string& scope : grant.scopes) {
    if (config_.scopes.contains(scope)) continue;
    complaints.of_key("scopes").add(
        find_key(table, "scopes")->place,
        "names '" + scope + "', but there is no such scope" + did_you_mean(scope, known));
  }
}

Complaints ConfigBuilder::entry_complaints(std::string_view kind, const RawTable& table) {
  const std::string_view name = entry_name(table);
  std::string owner(kind);
  if (!name.empty()) owner.append(" '").append(name).append("'");
  return {problems_, std::move(owner)};
}

void ConfigBuilder::refuse_second(std::set<std::string>& names, const std::string& name,
                                  const SourcePlace& place, const Complaints& complaints) {
  if (name.empty() || names.insert(name).second) return;
  complaints.add(place, "is there twice");
}

}  // namespace

// A match that named no account would be for everybody; there is no such grant.
void read_value(const RawValue& raw, MatchType type, GrantMatch& value,
                const Complaints& complaints) {
  const auto* table = std::get_if<RawTable>(&raw.content);
  if (table == nullptr) return complaints.add(raw.place, "must be " + describe(type));
  read_section<GrantMatch>(*table, raw.place, kMatchSettings, value, complaints);
  for (std::string_view key : {"user", "uid", "group", "gid", "client"}) {
    if (find_key(*table, key) != nullptr) return;
  }
  complaints.add(
      raw.place,
      "must name a user, uid, group, gid or client; 'unit' and 'program' only narrow that");
}

ConfigDraft build_config(const std::vector<RawValue>& files) {
  std::vector<ConfigProblem> problems;
  const RawTable root = lay_over(files, problems);
  return ConfigBuilder(std::move(problems)).build(root, files.front().place);
}

void sort_problems(std::vector<ConfigProblem>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const ConfigProblem& left, const ConfigProblem& right) {
                     return std::tie(left.place.file, left.place.line) <
                            std::tie(right.place.file, right.place.line);
                   });
}

std::string to_string(const ConfigProblem& problem) {
  std::string text = problem.place.file;
  if (problem.place.line > 0) text += ":" + std::to_string(problem.place.line);
  if (!text.empty()) text += ": ";
  text += problem.message;
  // Keys can hold anything; what is printed must stay one line.
  std::replace_if(
      text.begin(), text.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; }, '?');
  return text;
}

}  // namespace tokman
