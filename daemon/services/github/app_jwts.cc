#include "daemon/services/github/app_jwts.h"

namespace tokman {
namespace {
constexpr std::chrono::minutes kKeptFor{4};
}

std::optional<std::string_view> AppJwts::find(const std::string& app) const {
  const auto slot = slots_.find(app);
  if (slot == slots_.end() || slot->second.jwt.jwt.empty()) return std::nullopt;
  if (slot->second.good_until <= clock_.now()) return std::nullopt;
  return slot->second.jwt.jwt.reveal();
}

OperationPtr AppJwts::sign(const std::string& app, std::function<void(const Signed&)> callback) {
  Slot& slot = slots_[app];
  OperationPtr waiting = slot.waiters.add(std::move(callback));
  if (!slot.signing) {
    slot.signing = signer_.sign_app_jwt(
        JwtOrder{.app = app}, [this, app](Result<AppJwt> jwt) { on_signed(app, std::move(jwt)); });
  }
  return waiting;
}

void AppJwts::forget(const std::string& app) {
  if (const auto slot = slots_.find(app); slot != slots_.end()) slot->second.good_until = {};
}

void AppJwts::forget_all() {
  for (auto& [app, slot] : slots_) slot.good_until = {};
}

std::string AppJwts::key_fingerprint(const std::string& app) const {
  const auto slot = slots_.find(app);
  return slot == slots_.end() ? "" : slot->second.jwt.key_fingerprint;
}

void AppJwts::on_signed(const std::string& app, Result<AppJwt> jwt) {
  Slot& slot = slots_[app];
  slot.signing.reset();
  if (!jwt.ok()) return slot.waiters.answer_all(std::move(jwt).error());
  slot.jwt = std::move(jwt).value();
  slot.good_until = clock_.now() + kKeptFor;
  slot.waiters.answer_all(Done{});
}

}  // namespace tokman
