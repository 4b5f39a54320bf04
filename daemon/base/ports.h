#pragma once
// The outside world as the daemon sees it: the things a test must be able to decide.
//
// Every asynchronous method here keeps three promises:
//   1. It never calls back before it has returned.
//   2. It calls back once at most.
//   3. Destroying the returned Operation cancels it; then it does not call back at all.
// The implementations are in daemon/platform, the fakes in tests/support.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class Operation {
 public:
  virtual ~Operation() = default;
};
using OperationPtr = std::unique_ptr<Operation>;

// A time on the boot clock: it also runs while the machine is suspended, and never jumps.
struct BootClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using Instant = BootClock::time_point;

// A date, in whole seconds since 1970: what GitHub's expires_at is.
using UnixTime = std::chrono::sys_seconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;  // Constant within one turn of the event loop.
  virtual UnixTime unix_now() const = 0;
};

class Timers {
 public:
  virtual ~Timers() = default;
  // Calls back at `due`, or in the next turn of the loop if that has passed.
  [[nodiscard]] virtual OperationPtr at(Instant due, std::function<void()> callback) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(char* bytes, std::size_t size) = 0;
  // Uniform in [0, 1): for jitter.
  virtual double fraction() = 0;
};

// Runs work on another thread, so that signing, hashing, name look-ups and disk never block the
// loop. `work` runs to its end even if the operation is cancelled; `done` runs on the loop.
class Background {
 public:
  virtual ~Background() = default;
  [[nodiscard]] virtual OperationPtr run(std::function<void()> work,
                                         std::function<void()> done) = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;                             // https only.
  std::map<std::string, std::string> headers;  // Without Authorization.
  SecretBytes authorization;                   // The whole value: "Bearer …". Empty: none.
  std::string body;
  std::string ca_file;  // "" trusts the system's authorities.
  std::string proxy;    // "" asks the environment, as curl does.
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case; the last of equal names.
  SecretBytes body;                            // It may hold a token.
};

// One exchange each: connect within 5 s, all within 15 s, a body of 16 MiB at most. Follows
// redirects on GET only, and only within the same scheme, host and port. An HTTP status is an
// answer; an Error (TOKMAN_E_UPSTREAM_DOWN) means that there was none, and says why.
class HttpClient {
 public:
  using Callback = std::function<void(Result<HttpResponse>)>;
  virtual ~HttpClient() = default;
  [[nodiscard]] virtual OperationPtr start(HttpRequest request, Callback callback) = 0;
};

}  // namespace tokman
