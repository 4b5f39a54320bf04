#pragma once
// A Varlink server on a thread, for tests of the client: it does what the test lays down, call by
// call. Without that it answers every call with token_reply(). It serves one connection at a time.
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "libtokman/base/fd.h"

namespace tokman {

inline constexpr const char* kToken = "ghs_0123456789abcdefghijklmnopqrstuvwxyz";

// The daemon's usual answer to GetToken, NUL included.
std::string token_reply(std::string_view token = kToken);
// The daemon's error, NUL included: {"error": "io.tokman.<name>", "parameters": <parameters>}.
std::string error_reply(std::string_view name, std::string_view parameters);

class FakeDaemon {
 public:
  FakeDaemon();  // Listens at socket(), in a folder of its own.
  ~FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  const std::string& socket() const { return socket_; }
  void start();
  void stop();  // Hangs up and takes the socket away.

  // For the next call that no step waits for yet: once it has arrived, ...
  void will_answer(std::string bytes);
  void will_answer_byte_by_byte(std::string bytes);
  void will_answer_and_hang_up(std::string bytes);
  void will_hang_up();
  void will_stay_silent();

  std::vector<std::string> calls();  // The frames that arrived, without their NUL.
  int connections();

 private:
  enum class Then : bool { hang_up, go_on };
  using Step = std::function<Then(int)>;

  void run();
  void serve(int connection);
  bool wait_for_bytes(int fd);  // False if it is time to stop.
  Step next_step(std::string call);
  void add(Step step);

  std::string folder_, socket_;
  Fd listener_, stop_reader_, stop_writer_;
  std::thread thread_;
  std::mutex mutex_;  // Guards what follows.
  std::deque<Step> steps_;
  std::vector<std::string> calls_;
  int connections_ = 0;
};

}  // namespace tokman
