#include "daemon/domain/config/config_layers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/domain/config/complaints.h"

namespace tokman {
namespace {

constexpr std::string_view kChoice = "environment";
constexpr std::string_view kOverlays = "environments";

RawValue* find_key(RawTable& table, std::string_view key) {
  return const_cast<RawValue*>(tokman::find_key(std::as_const(table), key));
}

bool is_entry_list(std::string_view key) { return key == "app" || key == "grant"; }

void merge(RawTable& base, const RawTable& layer) {
  for (const auto& [key, value] : layer) {
    RawValue* below = find_key(base, key);
    if (below == nullptr) {
      base.push_back({key, value});
      continue;
    }
    auto* table_below = std::get_if<RawTable>(&below->content);
    const auto* table = std::get_if<RawTable>(&value.content);
    if (table_below != nullptr && table != nullptr) {
      merge(*table_below, *table);
    } else {
      *below = value;
    }
  }
}

void add_entry(RawList& entries, const RawValue& entry) { entries.push_back(entry); }

void merge_entry(RawList& entries, const RawValue& entry) {
  const auto* table = std::get_if<RawTable>(&entry.content);
  for (RawValue& other : entries) {
    auto* below = std::get_if<RawTable>(&other.content);
    if (table == nullptr || below == nullptr || entry_name(*table).empty()) continue;
    if (entry_name(*below) == entry_name(*table)) return merge(*below, *table);
  }
  add_entry(entries, entry);
}

// Like merge(), but entries of [[app]] and [[grant]] are placed by `place_entry`.
void merge_root(RawTable& base, const RawTable& layer,
                void (*place_entry)(RawList&, const RawValue&)) {
  for (const auto& [key, value] : layer) {
    if (key == kOverlays) continue;
    RawValue* below = find_key(base, key);
    auto* entries = below != nullptr ? std::get_if<RawList>(&below->content) : nullptr;
    const auto* more = std::get_if<RawList>(&value.content);
    if (is_entry_list(key) && entries != nullptr && more != nullptr) {
      for (const RawValue& entry : *more) place_entry(*entries, entry);
    } else {
      merge(base, {{key, value}});
    }
  }
}

// What was chosen, and what there was to choose from.
struct Environments {
  const RawValue* choice = nullptr;
  std::string name;
  std::vector<std::string_view> known;
  std::vector<const RawTable*> layers;  // Of the chosen one, in the order of the files.
};

void collect_layers(const RawValue& overlays, Environments& environments,
                    std::vector<ConfigProblem>& problems) {
  const auto* all = std::get_if<RawTable>(&overlays.content);
  if (all == nullptr) {
    problems.push_back({overlays.place, "'environments' must be tables: [environments.NAME]"});
    return;
  }
  for (const auto& [name, value] : *all) {
    environments.known.push_back(name);
    const auto* layer = std::get_if<RawTable>(&value.content);
    if (layer == nullptr) {
      problems.push_back({value.place, "'environments." + name + "' must be a table"});
    } else if (find_key(*layer, kChoice) != nullptr || find_key(*layer, kOverlays) != nullptr) {
      problems.push_back(
          {value.place, "'environments." + name + "' cannot hold 'environment' or 'environments'"});
    } else if (name == environments.name) {
      environments.layers.push_back(layer);
    }
  }
}

Environments find_environments(const std::vector<RawValue>& files,
                               std::vector<ConfigProblem>& problems) {
  Environments environments;
  for (const RawValue& file : files) {
    const RawValue* choice = find_key(std::get<RawTable>(file.content), kChoice);
    if (choice == nullptr) continue;
    environments.choice = choice;
    const auto* name = std::get_if<std::string>(&choice->content);
    environments.name = name != nullptr ? *name : "";
  }
  for (const RawValue& file : files) {
    const RawValue* overlays = find_key(std::get<RawTable>(file.content), kOverlays);
    if (overlays != nullptr) collect_layers(*overlays, environments, problems);
  }
  return environments;
}

void require_known_choice(const Environments& environments, std::vector<ConfigProblem>& problems) {
  if (environments.name.empty() || environments.known.empty()) return;
  const auto& known = environments.known;
  if (std::find(known.begin(), known.end(), environments.name) != known.end()) return;
  problems.push_back({environments.choice->place, "there is no [environments." + environments.name +
                                                      "]" +
                                                      did_you_mean(environments.name, known)});
}

}  // namespace

const RawValue* find_key(const RawTable& table, std::string_view key) {
  for (const auto& [known, value] : table) {
    if (known == key) return &value;
  }
  return nullptr;
}

std::string_view entry_name(const RawTable& entry) {
  const RawValue* name = find_key(entry, "name");
  const auto* text = name != nullptr ? std::get_if<std::string>(&name->content) : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

RawTable lay_over(const std::vector<RawValue>& files, std::vector<ConfigProblem>& problems) {
  const Environments environments = find_environments(files, problems);
  require_known_choice(environments, problems);
  RawTable root;
  for (const RawValue& file : files) {
    merge_root(root, std::get<RawTable>(file.content), add_entry);
  }
  for (const RawTable* layer : environments.layers) merge_root(root, *layer, merge_entry);
  return root;
}

}  // namespace tokman
