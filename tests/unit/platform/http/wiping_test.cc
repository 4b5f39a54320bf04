#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/platform/http/curl_http_client.h"
#include "libtokman/base/fd.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/platform/http/https_server.h"

using namespace tokman;

namespace {

constexpr std::size_t kTokenBytes = 40;

// The token is computed letter by letter, so that this program itself holds no copy of it.
char token_letter(std::size_t i) { return static_cast<char>('a' + (i * i + 7 * i + 3) % 26); }

SecretBytes make_authorization() {
  SecretBytes value = SecretBytes::with_size(7 + kTokenBytes);
  std::copy_n("Bearer ", 7, value.writable());
  for (std::size_t i = 0; i < kTokenBytes; ++i) value.writable()[7 + i] = token_letter(i);
  return value;
}

int count_tokens(const char* bytes, std::size_t size) {
  int found = 0;
  for (std::size_t at = 0; at + kTokenBytes <= size; ++at) {
    std::size_t i = 0;
    while (i < kTokenBytes && bytes[at + i] == token_letter(i)) ++i;
    found += i == kTokenBytes;
  }
  return found;
}

struct Mapping {
  unsigned long begin = 0;
  unsigned long end = 0;
};

// What this process can write to, without the tables of a sanitizer, which are far larger.
std::vector<Mapping> writable_memory() {
  constexpr unsigned long kLargest = 1ul << 30;
  std::vector<Mapping> writable;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    char mode[5] = {};
    if (sscanf(line.c_str(), "%lx-%lx %4s", &mapping.begin, &mapping.end, mode) != 3) continue;
    if (mode[1] == 'w' && mapping.end - mapping.begin <= kLargest) writable.push_back(mapping);
  }
  return writable;
}

int tokens_in_memory() {
  const Fd memory(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  std::vector<char> part(1 << 16);
  int found = 0;
  for (const Mapping& mapping : writable_memory()) {
    for (unsigned long at = mapping.begin; at < mapping.end; at += part.size() - kTokenBytes) {
      const ssize_t size = pread(memory.get(), part.data(), std::min(part.size(), mapping.end - at),
                                 static_cast<off_t>(at));
      if (size <= 0) break;
      found += count_tokens(part.data(), static_cast<std::size_t>(size));
      std::fill(part.begin(), part.end(), '\0');  // Else the next part may find it here.
    }
  }
  return found;
}

std::unique_ptr<HttpsServer> server;

// A client, after an exchange that sent a token and got it back.
struct Exchanged {
  Exchanged() {
    HttpRequest request;
    request.url = "https://localhost:" + std::to_string(server->port) + "/echo";
    request.ca_file = server->file("ca.pem");
    request.authorization = make_authorization();
    operation = client.start(std::move(request), [this](Result<HttpResponse> result) {
      if (result.ok()) answer = std::move(result).value().body;
      loop.stop();
    });
    loop.run_until_stopped();
  }

  Loop loop;
  CurlHttpClient client{loop, "1.2.3"};
  OperationPtr operation;
  SecretBytes answer;
};

TEST(Exchanged, the_token_is_in_the_answer_and_nowhere_else) {
  assert_int_equal(count_tokens(fixture.answer.reveal().data(), fixture.answer.size()), 1);
  assert_int_equal(tokens_in_memory(), 1);
}

TEST(Exchanged, nothing_is_left_once_the_answer_is_gone) {
  fixture.answer = SecretBytes();
  assert_int_equal(tokens_in_memory(), 0);
}

int start_server(void**) {
  server = std::make_unique<HttpsServer>();
  return 0;
}
int stop_server(void**) {
  server.reset();
  return 0;
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Exchanged, the_token_is_in_the_answer_and_nowhere_else),
      RUN(Exchanged, nothing_is_left_once_the_answer_is_gone),
  };
  return cmocka_run_group_tests(tests, start_server, stop_server);
}
