#include "daemon/services/access/client_keys.h"

#include <algorithm>
#include <utility>

#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kKeyBytes = 32;

ScryptCost cost_of(const KeyStretch& stretch) { return {stretch.n, stretch.r, stretch.p}; }

}  // namespace

// What the caller holds.
struct ClientKeys::Waiting final : Operation {
  explicit Waiting(std::shared_ptr<Job> waited_for) : job(std::move(waited_for)) {}
  ~Waiting() override { job->callback = nullptr; }
  std::shared_ptr<Job> job;
};

SecretBytes ClientKeys::make_key() {
  SecretBytes bytes = SecretBytes::with_size(kKeyBytes);
  world_.random.fill(bytes.writable(), bytes.size());
  return SecretBytes(base64url(bytes.reveal()));
}

KeyStretch ClientKeys::make_stretch() {
  KeyStretch stretch{.n = world_.cost.n, .r = world_.cost.r, .p = world_.cost.p, .salt = {}};
  stretch.salt.resize(kSaltBytes);
  world_.random.fill(stretch.salt.data(), stretch.salt.size());
  return stretch;
}

bool ClientKeys::is_out_of_date(const KeyStretch& stretch) const {
  return cost_of(stretch) != world_.cost;
}

Result<Done> ClientKeys::has_room() const {
  const auto waiting = std::count_if(waiting_.begin(), waiting_.end(),
                                     [](const auto& job) { return !job.expired(); });
  if (running_.size() < world_.at_once() || static_cast<std::size_t>(waiting) < kWaitingMax) {
    return Done{};
  }
  Error error{TOKMAN_E_BUSY, "too many keys of clients are being checked"};
  error.retry_after = std::chrono::seconds(1);
  return error;
}

OperationPtr ClientKeys::hash(SecretBytes key, KeyStretch how, OnHash callback) {
  auto job = std::make_shared<Job>(Job{std::move(key), std::move(how), std::move(callback)});
  waiting_.push_back(job);
  start_next();
  return std::make_unique<Waiting>(std::move(job));
}

void ClientKeys::start_next() {
  while (!waiting_.empty() && running_.size() < world_.at_once()) {
    const std::shared_ptr<Job> job = waiting_.front().lock();
    waiting_.pop_front();
    if (!job) continue;  // Who waited for it has gone.
    const Place place = running_.insert(running_.end(), {job});
    place->operation = world_.background.run(
        [job] { job->hash = scrypt(job->key, job->how.salt, cost_of(job->how)); },
        [this, place] { on_hashed(place); });
  }
}

void ClientKeys::on_hashed(Place place) {
  const std::shared_ptr<Job> job = place->job;
  running_.erase(place);
  start_next();
  const OnHash callback = std::exchange(job->callback, nullptr);
  if (callback) callback(std::move(job->hash));  // *this may be gone.
}

}  // namespace tokman
