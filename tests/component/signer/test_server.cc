#include "daemon/signer/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "daemon/platform/linux/system_clock.h"
#include "tests/support/captured_log.h"
#include "tests/support/memfd.h"

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
  std::vector<AppConfig> apps;
  SignerService service{clock,
                        log,
                        {[this] { return SignerService::Settings{apps}; },
                         [](const std::string&) { return SecretBytes("secret"); }}};
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

  // In one message with these bytes; `count` times the same descriptor.
  void send_with(const std::string& bytes, const Fd& descriptor, std::size_t count = 1) {
    iovec content{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    const std::vector<int> numbers(count, descriptor.get());
    std::memcpy(CMSG_DATA(header), numbers.data(), count * sizeof(int));
    ::sendmsg(peer.get(), &message, MSG_NOSIGNAL);
  }
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

// HMAC-SHA-256 of "one" and of "two" with the key "secret".
constexpr const char* kSignatureOfOne =
    "sha256=620baacaa5e01c8061c0b52e8c4bf9de98edcdb129793fd210c8191edc0b3a63";
constexpr const char* kSignatureOfTwo =
    "sha256=3885b44ea30a93a89c6b97140f814bfacafcdf882a1abb52b3b3683e1bebce19";
const std::string kValid =
    R"({"parameters":{"valid":true,"secret_index":0}})" + std::string(1, '\0');

std::string verify_call(const std::string& signature) {
  return R"({"method":"io.tokman.Signer.VerifyWebhook","parameters":{"app":"ci","signature":")" +
         signature + R"("}})" + std::string(1, '\0');
}

struct Receiver : Peers {
  Receiver() {
    AppConfig app;
    app.name = "ci";
    app.webhook_secrets = {"somewhere"};
    apps = {app};
    send(R"({"method":"io.tokman.Signer.Reload"})" + std::string(1, '\0'));
    receive(std::strlen(R"({"parameters":{}})") + 1);
  }
};

TEST(Receiver, a_webhooks_body_comes_as_a_descriptor) {
  fixture.send_with(verify_call(kSignatureOfOne), make_memfd("one"));
  assert_true(fixture.receive(kValid.size()) == kValid);
}

TEST(Receiver, each_body_belongs_to_its_own_call) {
  const std::string noise = R"({"method":"io.tokman.Signer.Nothing","oneway":true})";
  for (int i = 0; i < 50; ++i) {
    fixture.send_with(verify_call(kSignatureOfOne), make_memfd("one"));
    fixture.send(noise + std::string(1, '\0'));
    fixture.send_with(verify_call(kSignatureOfTwo), make_memfd("two"));
  }
  for (int i = 0; i < 100; ++i) assert_true(fixture.receive(kValid.size()) == kValid);
}

TEST(Receiver, two_descriptors_with_one_call_end_the_connection) {
  fixture.send_with(verify_call(kSignatureOfOne), make_memfd("one"), 2);
  assert_true(fixture.is_dropped());
}

TEST(Receiver, descriptors_that_no_call_takes_end_the_connection) {
  for (int i = 0; i < 3; ++i) fixture.send_with(kStatus, make_memfd("one"));
  std::string answers;
  for (std::string more = "x"; !more.empty(); answers += more) more = fixture.receive(1);
  assert_true(std::count(answers.begin(), answers.end(), '\0') < 3);
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
      RUN(Receiver, a_webhooks_body_comes_as_a_descriptor),
      RUN(Receiver, each_body_belongs_to_its_own_call),
      RUN(Receiver, two_descriptors_with_one_call_end_the_connection),
      RUN(Receiver, descriptors_that_no_call_takes_end_the_connection),
      RUN(Peers, the_server_ends_with_its_only_connection),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
