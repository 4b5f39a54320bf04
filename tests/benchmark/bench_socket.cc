// Measures one way of asking a server on a Unix socket; run.py compares the ways with each other.
//
//   bench_socket ping-pong REQUEST_BYTES REPLY_BYTES COUNT   two processes, blocking, no protocol
//   bench_socket frames SOCKET TARGET COUNT                  tokmand, without a client library
//   bench_socket token-data SOCKET TOKEN COUNT               tokmand's GetData for an access token
//   bench_socket library SOCKET TARGET COUNT                 tokmand through libtokman
//   bench_socket redis SOCKET KEY COUNT                      redis GET through hiredis
//   bench_socket tokmand-load SOCKET TARGET COUNT            64 connections at once
//   bench_socket redis-load SOCKET KEY COUNT                 64 connections at once
//
// One line of JSON comes out. Every reply is checked by its length and its first bytes; a wrong
// one ends the program.
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "libtokman/base/fd.h"
#include "tokman/tokman.h"

namespace tokman {
namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kFirstBytes = 64;

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "bench_socket: %s\n", what);
  std::exit(1);
}

void write_all(int fd, std::string_view bytes) {
  must(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == std::ssize(bytes), "short write");
}

// REQUIRES: buffer.size() is what will arrive.
bool read_exactly(int fd, std::string& buffer) {
  return ::recv(fd, buffer.data(), buffer.size(), MSG_WAITALL) == std::ssize(buffer);
}

Fd connect_to(const char* path) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  must(std::strlen(path) < sizeof address.sun_path, "the socket's path is too long");
  std::strcpy(address.sun_path, path);
  must(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
       "cannot connect");
  return fd;
}

// What a server says to a request, learned from its first answer and expected ever after.
struct Conversation {
  std::string request;
  std::string reply;

  void check(std::string_view answer) const {
    must(answer.size() == reply.size(), "a reply of another length");
    must(answer.substr(0, kFirstBytes) == std::string_view(reply).substr(0, kFirstBytes),
         "a reply that begins otherwise");
  }
};

// A call with one text.
std::string frame_of(std::string_view method, std::string_view name, std::string_view value) {
  std::string frame(R"({"method":"io.tokman.)");
  frame.append(method).append(R"(","parameters":{")").append(name).append(R"(":")");
  frame.append(value).append(R"("}})");
  frame += '\0';
  return frame;
}

std::string get_token_frame(std::string_view target) {
  return frame_of("GitHub.GetToken", "target", target);
}

std::string get_data_frame(std::string_view token) {
  return frame_of("Access.GetData", "token", token);
}

std::string redis_get(std::string_view key) {
  return "*2\r\n$3\r\nGET\r\n$" + std::to_string(key.size()) + "\r\n" + std::string(key) + "\r\n";
}

// The second answer, because the first may have been minted for it.
Conversation learn(const char* path, std::string request) {
  const Fd fd = connect_to(path);
  std::string reply(64 * 1024, '\0');
  ssize_t length = 0;
  for (int i = 0; i < 2; ++i) {
    write_all(fd.get(), request);
    length = ::recv(fd.get(), reply.data(), reply.size(), 0);
    must(length > 0, "no answer");
  }
  reply.resize(static_cast<std::size_t>(length));
  must(!reply.starts_with("{\"error\"") && !reply.starts_with('-'), reply.c_str());
  return {std::move(request), std::move(reply)};
}

// Calls `exchange` `count` times after a tenth of that to warm up, and prints how long it took.
template <class Exchange>
void measure(long count, Exchange exchange, std::size_t request_bytes, std::size_t reply_bytes) {
  using Clock = std::chrono::steady_clock;
  for (long i = 0; i < count / 10; ++i) exchange();
  std::vector<long> nanoseconds(static_cast<std::size_t>(count));
  for (long& taken : nanoseconds) {
    const Clock::time_point begin = Clock::now();
    exchange();
    taken = std::chrono::nanoseconds(Clock::now() - begin).count();
  }
  std::ranges::sort(nanoseconds);
  const auto percentile = [&](std::size_t p) { return nanoseconds[nanoseconds.size() * p / 100]; };
  std::printf("{\"p50\": %ld, \"p99\": %ld, \"request_bytes\": %zu, \"reply_bytes\": %zu}\n",
              percentile(50), percentile(99), request_bytes, reply_bytes);
}

void ping_pong(std::size_t request_bytes, std::size_t reply_bytes, long count) {
  std::array<int, 2> ends{};
  must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "no socket pair");
  std::string request(request_bytes, 'q');
  std::string reply(reply_bytes, 'r');
  const pid_t server = ::fork();
  must(server >= 0, "cannot fork");
  if (server == 0) {
    ::close(ends[0]);
    while (read_exactly(ends[1], request)) write_all(ends[1], reply);
    std::_Exit(0);
  }
  ::close(ends[1]);
  const Fd fd(ends[0]);
  std::string answer(reply_bytes, '\0');
  measure(
      count,
      [&] {
        write_all(fd.get(), request);
        must(read_exactly(fd.get(), answer) && answer.starts_with("rrrr"), "a wrong reply");
      },
      request_bytes, reply_bytes);
  ::shutdown(fd.get(), SHUT_RDWR);
  ::waitpid(server, nullptr, 0);
}

void frames(const char* path, std::string request, long count) {
  const Conversation talk = learn(path, std::move(request));
  const Fd fd = connect_to(path);
  std::string answer(talk.reply.size(), '\0');
  measure(
      count,
      [&] {
        write_all(fd.get(), talk.request);
        must(read_exactly(fd.get(), answer), "no answer");
        talk.check(answer);
      },
      talk.request.size(), talk.reply.size());
}

void library(const char* path, const char* target, long count) {
  tokman_client* client = nullptr;
  must(tokman_client_new(&client) == 0 && tokman_client_set_socket(client, path) == 0, "no client");
  std::string expected;
  const auto exchange = [&] {
    tokman_token* token = nullptr;
    must(tokman_get(&token, client, target) == 0, tokman_client_error_message(client));
    const std::string_view secret = tokman_token_secret(token);
    if (expected.empty()) expected = secret;
    must(secret.size() == expected.size() && secret.starts_with(expected.substr(0, 8)),
         "a wrong token");
    tokman_token_free(token);
  };
  exchange();
  measure(count, exchange, 0, expected.size());
  tokman_client_free(client);
}

void redis(const char* path, const char* key, long count) {
  redisContext* context = redisConnectUnix(path);
  must(context != nullptr && context->err == 0, "cannot connect to redis");
  std::string expected;
  const auto exchange = [&] {
    auto* reply = static_cast<redisReply*>(redisCommand(context, "GET %s", key));
    must(reply != nullptr && reply->type == REDIS_REPLY_STRING, "redis has no such key");
    const std::string_view value(reply->str, reply->len);
    if (expected.empty()) expected = value;
    must(value.size() == expected.size() && value.starts_with(expected.substr(0, 8)),
         "a wrong value");
    freeReplyObject(reply);
  };
  exchange();
  measure(count, exchange, 0, expected.size());
  redisFree(context);
}

// Keeps one request on its way on each of 64 connections until `count` answers are there. How
// much of the processor the server took for them is for run.py to see.
void load(const char* path, std::string request, long count) {
  const Conversation talk = learn(path, std::move(request));
  std::vector<Fd> connections;
  std::vector<pollfd> polled;
  for (std::size_t i = 0; i < kConnections; ++i) {
    connections.push_back(connect_to(path));
    polled.push_back({connections.back().get(), POLLIN, 0});
    write_all(connections.back().get(), talk.request);
  }
  std::string answer(talk.reply.size(), '\0');
  for (long answered = 0; answered < count;) {
    must(::poll(polled.data(), polled.size(), 10'000) > 0, "no answer for ten seconds");
    for (const pollfd& ready : polled) {
      if (ready.revents == 0) continue;
      must(read_exactly(ready.fd, answer), "no answer");
      talk.check(answer);
      write_all(ready.fd, talk.request);
      ++answered;
    }
  }
  std::printf("{\"answers\": %ld}\n", count);
}

int run(int argc, char** argv) {
  must(argc == 5, "usage: bench_socket WAY ADDRESS WHAT COUNT; see bench_socket.cc");
  const std::string_view way = argv[1];
  const long count = std::strtol(argv[4], nullptr, 10);
  must(count >= 10, "COUNT must be at least 10");
  if (way == "ping-pong") {
    ping_pong(std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10), count);
  } else if (way == "frames") {
    frames(argv[2], get_token_frame(argv[3]), count);
  } else if (way == "token-data") {
    frames(argv[2], get_data_frame(argv[3]), count);
  } else if (way == "library") {
    library(argv[2], argv[3], count);
  } else if (way == "redis") {
    redis(argv[2], argv[3], count);
  } else if (way == "tokmand-load") {
    load(argv[2], get_token_frame(argv[3]), count);
  } else if (way == "redis-load") {
    load(argv[2], redis_get(argv[3]), count);
  } else {
    must(false, "no such way");
  }
  return 0;
}

}  // namespace
}  // namespace tokman

int main(int argc, char** argv) { return tokman::run(argc, argv); }
