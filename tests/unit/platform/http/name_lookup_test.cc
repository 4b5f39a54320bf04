#include <netdb.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/platform/http/curl_http_client.h"
#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

// Name look-ups in this program do not end before they are let go.
class Lookups {
 public:
  void wait_to_be_let_go() {
    std::unique_lock lock(mutex_);
    ++running_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return let_go_; });
    --running_;
    changed_.notify_all();
  }
  void wait_for_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ > 0; });
  }
  int running() {
    const std::lock_guard lock(mutex_);
    return running_;
  }
  void let_go() {
    std::unique_lock lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return running_ == 0; });
    let_go_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = 0;
  bool let_go_ = false;
};
Lookups lookups;

}  // namespace

// Takes the place of the C library's, for libcurl too.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char*, const char*,
                                                                  const addrinfo*, addrinfo**) {
  lookups.wait_to_be_let_go();
  return EAI_AGAIN;
}

namespace {

struct StuckResolver {
  StuckResolver() { alarm(30); }  // What fails here, fails by waiting for ever.
  ~StuckResolver() {
    operation.reset();
    lookups.let_go();
  }

  void start(HttpLimits limits) {
    client.emplace(loop, "1.2.3", limits);
    HttpRequest request;
    request.url = "https://slow.example/";
    operation = client->start(std::move(request), [this](Result<HttpResponse> result) {
      if (!result.ok()) error = result.error().message;
      loop.stop();
    });
  }

  Loop loop;
  std::optional<CurlHttpClient> client;
  OperationPtr operation;
  std::string error;
};

TEST(StuckResolver, an_exchange_runs_out_of_time_while_the_look_up_goes_on) {
  fixture.start({.total = 20ms});
  fixture.loop.run_until_stopped();
  assert_string_equal(fixture.error.c_str(), "slow.example: no whole answer within 20ms");
  assert_int_equal(lookups.running(), 1);
}

TEST(StuckResolver, connecting_runs_out_of_time_while_the_look_up_goes_on) {
  fixture.start({.connect = 20ms});
  fixture.loop.run_until_stopped();
  assert_true(fixture.error.starts_with("slow.example: Timeout was reached"));
  assert_int_equal(lookups.running(), 1);
}

TEST(StuckResolver, an_exchange_can_be_cancelled_while_the_look_up_goes_on) {
  fixture.start({});
  const OperationPtr soon = fixture.loop.at(fixture.loop.now() + 5ms, [&] { fixture.loop.stop(); });
  fixture.loop.run_until_stopped();
  lookups.wait_for_one();
  fixture.operation.reset();
  assert_int_equal(lookups.running(), 1);
}

TEST(StuckResolver, the_client_can_go_while_the_look_up_goes_on) {
  fixture.start({.total = 20ms});
  fixture.loop.run_until_stopped();
  fixture.operation.reset();
  fixture.client.reset();
  assert_int_equal(lookups.running(), 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(StuckResolver, an_exchange_runs_out_of_time_while_the_look_up_goes_on),
      RUN(StuckResolver, connecting_runs_out_of_time_while_the_look_up_goes_on),
      RUN(StuckResolver, an_exchange_can_be_cancelled_while_the_look_up_goes_on),
      RUN(StuckResolver, the_client_can_go_while_the_look_up_goes_on),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
