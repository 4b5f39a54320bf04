#include "daemon/domain/config/settings.h"

#include <variant>

namespace tokman {
namespace {

template <class Section>
void add_fixed_differences(std::string_view name, std::span<const Setting<Section>> settings,
                           const Section& running, const Section& loaded,
                           std::vector<std::string>& keys) {
  for (const Setting<Section>& setting : settings) {
    const bool differs =
        std::visit([&](const auto& slot) { return running.*slot.member != loaded.*slot.member; },
                   setting.slot);
    if (!differs || setting.reload == Reload::yes) continue;
    keys.push_back(std::string(name).append(".").append(setting.key));
  }
}

}  // namespace

std::vector<std::string> keys_needing_restart(const Config& running, const Config& loaded) {
  std::vector<std::string> keys;
  add_fixed_differences<DaemonConfig>("daemon", kDaemonSettings, running.daemon, loaded.daemon,
                                      keys);
  add_fixed_differences<StoreConfig>("store", kStoreSettings, running.store, loaded.store, keys);
  add_fixed_differences<SecretsConfig>("secrets", kSecretsSettings, running.secrets, loaded.secrets,
                                       keys);
  return keys;
}

}  // namespace tokman
