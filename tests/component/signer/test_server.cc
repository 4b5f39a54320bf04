#include "daemon/signer/server.h"

#include <sys/socket.h>

#include <thread>

#include "daemon/platform/linux/system_clock.h"
#include "tests/support/captured_log.h"
#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

const std::string kStatus = R"({"method":"io.tokman.Signer.Status"})" + std::string(1, '\0');
const std::string kNoApps = R"({"parameters":{"apps":[]}})" + std::string(1, '\0');

// The server in a thread, at one end of a socketpair; the test is the peer.
struct Peers {
  CapturedLog lines;
  Log log{lines};
  SystemClock clock;
  SignerService service{clock, log, [] { return std::vector<SigningApp>(); }};
  Server server{service, log};
  Fd peer;
  std::thread serving;

  Peers() {
    int ends[2];
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    peer.reset(ends[0]);
    server.add_connection(Fd(ends[1]));
    serving = std::thread([this] { server.run(); });
  }
  ~Peers() {
    peer.reset();
    if (serving.joinable()) serving.join();
  }

  void send(const std::string& bytes) {
    ::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // As many bytes as that, or fewer if the server ended the connection.
  std::string receive(std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t count = ::recv(peer.get(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  bool is_dropped() { return receive(1).empty(); }
};

TEST(Peers, a_call_is_answered) {
  fixture.send(kStatus);
  assert_true(fixture.receive(kNoApps.size()) == kNoApps);
}

TEST(Peers, a_call_that_arrives_in_pieces_is_answered) {
  for (const char byte : kStatus) fixture.send(std::string(1, byte));
  assert_true(fixture.receive(kNoApps.size()) == kNoApps);
}

TEST(Peers, several_calls_at_once_are_all_answered) {
  fixture.send(kStatus + kStatus + kStatus);
  assert_true(fixture.receive(3 * kNoApps.size()) == kNoApps + kNoApps + kNoApps);
}

TEST(Peers, a_thousand_calls_before_the_first_answer_is_read_are_all_answered) {
  std::string calls;
  for (int i = 0; i < 1000; ++i) calls += kStatus;
  std::thread sending([&] { fixture.send(calls); });
  const std::string answers = fixture.receive(1000 * kNoApps.size());
  sending.join();
  assert_int_equal(answers.size(), 1000 * kNoApps.size());
}

TEST(Peers, an_unknown_method_is_answered_and_the_connection_goes_on) {
  fixture.send(R"({"method":"io.tokman.Signer.SignBytes"})" + std::string(1, '\0'));
  fixture.send(kStatus);
  const std::string refusal = R"({"error":"org.varlink.service.MethodNotFound",)"
                              R"("parameters":{"method":"io.tokman.Signer.SignBytes"}})" +
                              std::string(1, '\0');
  assert_true(fixture.receive(refusal.size() + kNoApps.size()) == refusal + kNoApps);
}

TEST(Peers, garbage_ends_the_connection) {
  fixture.send("garbage" + std::string(1, '\0'));
  assert_true(fixture.is_dropped());
}

TEST(Peers, a_frame_that_does_not_end_ends_the_connection) {
  fixture.send(std::string(Server::kRequestBytesMax + 1, 'x'));
  assert_true(fixture.is_dropped());
}

TEST(Peers, the_server_ends_with_its_only_connection) {
  fixture.peer.reset();
  fixture.serving.join();
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Peers, a_call_is_answered),
      RUN(Peers, a_call_that_arrives_in_pieces_is_answered),
      RUN(Peers, several_calls_at_once_are_all_answered),
      RUN(Peers, a_thousand_calls_before_the_first_answer_is_read_are_all_answered),
      RUN(Peers, an_unknown_method_is_answered_and_the_connection_goes_on),
      RUN(Peers, garbage_ends_the_connection),
      RUN(Peers, a_frame_that_does_not_end_ends_the_connection),
      RUN(Peers, the_server_ends_with_its_only_connection),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
