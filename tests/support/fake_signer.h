#pragma once
// A signer without a key: its JWTs are numbered, and all of them hold kPlantedJwt.
#include <string>

#include "daemon/services/signer/signer.h"
#include "tests/support/turn_queue.h"

namespace tokman {

inline constexpr std::string_view kPlantedJwt = "PLANTED-JWT";

class FakeSigner final : public Signer {
 public:
  explicit FakeSigner(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] OperationPtr sign_app_jwt(const std::string& app,
                                          std::function<void(Result<AppJwt>)> callback) override {
    ++signatures;
    return turns_.add([this, app, callback = std::move(callback)] { callback(sign(app)); });
  }

  [[nodiscard]] OperationPtr reload(std::function<void(Result<Done>)> callback) override {
    ++reloads;
    return turns_.add([callback = std::move(callback)] { callback(Done{}); });
  }

  [[nodiscard]] OperationPtr status(
      std::function<void(Result<std::vector<SigningAppStatus>>)> callback) override {
    return turns_.add([this, callback = std::move(callback)] { callback(apps); });
  }

  bool step() { return !is_hanging && turns_.step(); }

  int signatures = 0;  // Asked for so far.
  int reloads = 0;
  bool is_hanging = false;
  std::optional<Error> failure;  // What signing gives while it is set.
  std::vector<SigningAppStatus> apps;

 private:
  Result<AppJwt> sign(const std::string& app) {
    if (failure) return *failure;
    const std::string text = std::string(kPlantedJwt) + "-" + app + "-" + std::to_string(++signed_);
    return AppJwt{SecretBytes(text), clock_.unix_now() + std::chrono::minutes(5),
                  "SHA256:of-" + app};
  }

  const Clock& clock_;
  TurnQueue turns_;
  int signed_ = 0;
};

}  // namespace tokman
