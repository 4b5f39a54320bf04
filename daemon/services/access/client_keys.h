#pragma once
// Hashes the keys of clients, off the loop and a few at a time.
//
// Each hash takes 32 MiB and a tenth of a second of a processor: so at most as many run as the
// configuration says, kWaitingMax wait, and what comes then is told to come again.
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/domain/access/client.h"
#include "daemon/platform/crypto/scrypt.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class ClientKeys {
 public:
  static constexpr std::size_t kWaitingMax = 8;

  struct World {  // REQUIRES: all outlive this object.
    Background& background;
    Random& random;
    std::function<std::size_t()> at_once;
    ScryptCost cost = {.n = 1U << 15U, .r = 8, .p = 1};  // 32 MiB.
  };

  explicit ClientKeys(World world) : world_(std::move(world)) {}
  ClientKeys(const ClientKeys&) = delete;
  ClientKeys& operator=(const ClientKeys&) = delete;

  // A key of 256 random bits, in base64url.
  SecretBytes make_key();
  // A new salt, and what hashing is to cost.
  KeyStretch make_stretch();
  // Whether hashing cost something else then.
  bool is_out_of_date(const KeyStretch& stretch) const;

  // TOKMAN_E_BUSY if too many wait.
  Result<Done> has_room() const;

  // The key's hash. REQUIRES: has_room().
  using OnHash = std::function<void(Result<std::string>)>;
  [[nodiscard]] OperationPtr hash(SecretBytes key, KeyStretch how, OnHash callback);

 private:
  struct Job {
    SecretBytes key;
    KeyStretch how;
    OnHash callback;  // Empty once nobody waits.
    Result<std::string> hash = std::string();
  };
  struct Running {  // To its end, whether or not somebody waits.
    std::shared_ptr<Job> job;
    OperationPtr operation = nullptr;
  };
  using Place = std::list<Running>::iterator;
  struct Waiting;

  void start_next();
  void on_hashed(Place place);

  World world_;
  std::deque<std::weak_ptr<Job>> waiting_;
  std::list<Running> running_;
};

}  // namespace tokman
