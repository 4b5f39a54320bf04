#include "daemon/services/github/app_jwts.h"

namespace tokman {
namespace {

constexpr std::chrono::minutes kKeptFor{4};

bool is_made_for(const JwtOrder& made, const JwtOrder& wanted) {
  return made.issuer == wanted.issuer &&
         std::chrono::abs(made.clock_offset - wanted.clock_offset) <= AppJwts::kOffsetTolerance;
}

std::vector<KnownKey> known_keys(const SigningAppStatus& app) {
  std::vector<KnownKey> keys;
  for (const SigningKeyStatus& key : app.keys) {
    keys.push_back({key.fingerprint, key.error, key.is_replaced, KeyState::untried});
  }
  return keys;
}

}  // namespace

std::optional<JwtOrder> AppJwts::next_order(const std::string& app,
                                            std::chrono::seconds clock_offset,
                                            const std::set<std::string>& tried) const {
  const auto found = apps_.find(app);
  const App& known = found != apps_.end() ? found->second : App();
  const auto key = known.keys.choose(tried);
  if (!key) return std::nullopt;
  return JwtOrder{app, clock_offset, *key, known.issuer};
}

std::optional<AppJwts::Found> AppJwts::find(const JwtOrder& order) const {
  const auto found = slots_.find({order.app, order.key_fingerprint});
  if (found == slots_.end()) return std::nullopt;
  const Slot& slot = found->second;
  if (slot.jwt.jwt.empty() || slot.good_until <= clock_.now()) return std::nullopt;
  if (!is_made_for(slot.order, order)) return std::nullopt;
  return Found{slot.jwt.jwt.reveal(), slot.jwt.key_fingerprint};
}

OperationPtr AppJwts::sign(const JwtOrder& order, std::function<void(const Signed&)> callback) {
  Slot& slot = slots_[{order.app, order.key_fingerprint}];
  OperationPtr waiting = slot.waiters.add(std::move(callback));
  if (!slot.signing) {
    slot.signing = signer_.sign_app_jwt(
        order, [this, order](Result<AppJwt> jwt) { on_signed(order, std::move(jwt)); });
  }
  return waiting;
}

void AppJwts::on_signed(const JwtOrder& order, Result<AppJwt> jwt) {
  Slot& slot = slots_[{order.app, order.key_fingerprint}];
  slot.signing.reset();
  if (!jwt.ok()) return slot.waiters.answer_all(std::move(jwt).error());
  slot.jwt = std::move(jwt).value();
  slot.order = order;
  slot.good_until = clock_.now() + kKeptFor;
  slot.waiters.answer_all(Done{});
}

void AppJwts::forget(const JwtOrder& order) {
  const auto slot = slots_.find({order.app, order.key_fingerprint});
  if (slot != slots_.end()) slot->second.good_until = {};
}

void AppJwts::forget_all() {
  for (auto& [key, slot] : slots_) slot.good_until = {};
  for (auto& [name, app] : apps_) app.issuer = Issuer::preferred;
}

const KeyChoice* AppJwts::find_keys(const std::string& app) const {
  const auto found = apps_.find(app);
  return found == apps_.end() ? nullptr : &found->second.keys;
}

OperationPtr AppJwts::refresh(std::function<void(const Refreshed&)> callback) {
  OperationPtr waiting = refresh_waiters_.add(std::move(callback));
  if (!refreshing_) {
    refreshing_ = signer_.refresh(
        [this](const Result<std::vector<SigningAppStatus>>& status) { on_refreshed(status); });
  }
  return waiting;
}

void AppJwts::on_refreshed(const Result<std::vector<SigningAppStatus>>& status) {
  refreshing_.reset();
  if (!status.ok()) return refresh_waiters_.answer_all(status.error());
  for (const SigningAppStatus& app : status.value()) {
    apps_[app.name].keys.update(known_keys(app));
  }
  refresh_waiters_.answer_all(Done{});
}

OperationPtr AppJwts::pause(int number, std::function<void()> callback) {
  return timers_.at(clock_.now() + std::chrono::seconds(1 << number), std::move(callback));
}

std::string AppJwts::key_fingerprint(const std::string& app) const {
  const auto found = apps_.find(app);
  return found == apps_.end() ? "" : found->second.keys.choose({}).value_or("");
}

}  // namespace tokman
