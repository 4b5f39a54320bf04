// The store after its process was killed in the middle of writing.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "daemon/services/store/token_store.h"
#include "libtokman/base/fd.h"
#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr int kAcknowledgedBeforeKill = 100;

struct Crash : StoreWorld {
  int acknowledged = 0;

  Crash() { close(); }  // LMDB must not be open across fork().

  static StoredToken token(int number) {
    StoredToken stored;
    stored.token = SecretBytes("ghs_" + std::to_string(number));
    return stored;
  }

  // Runs in a child: stores one token after the other and says so, a byte for each, without end.
  [[noreturn]] void write_until_killed(int acknowledgements) {
    open();
    TokenStore tokens(*database, *revocations, *writer, log);
    for (int number = 0;; ++number) {
      tokens.put(std::to_string(number), token(number));
      writer->flush([&] {
        if (write(acknowledgements, "x", 1) != 1) _exit(1);
      });
      write_all();
    }
  }

  void kill_while_writing() {
    int ends[2] = {};
    if (pipe(ends) != 0) std::abort();
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const pid_t child = fork();
    if (child == 0) write_until_killed(writing.get());
    writing.reset();
    char byte = 0;
    while (acknowledged < kAcknowledgedBeforeKill && read(reading.get(), &byte, 1) == 1) {
      ++acknowledged;
    }
    kill(child, SIGKILL);
    while (read(reading.get(), &byte, 1) == 1) ++acknowledged;
    waitpid(child, nullptr, 0);
  }

  int count_stored() {
    open();
    TokenStore tokens(*database, *revocations, *writer, log);
    int number = 0;
    while (is_stored(tokens, number)) ++number;
    return number;
  }
  static bool is_stored(TokenStore& tokens, int number) {
    const auto found = tokens.find(std::to_string(number));
    return found.ok() && found.value() &&
           found.value()->token.reveal() == "ghs_" + std::to_string(number);
  }
};

TEST(Crash, every_acknowledged_change_outlives_a_kill_9) {
  fixture.kill_while_writing();
  assert_true(fixture.acknowledged >= kAcknowledgedBeforeKill);
  assert_true(fixture.count_stored() >= fixture.acknowledged);
}

TEST(Crash, a_store_goes_on_after_a_kill_9) {
  fixture.kill_while_writing();
  fixture.open();
  TokenStore tokens(*fixture.database, *fixture.revocations, *fixture.writer, fixture.log);
  tokens.put("new", Crash::token(7));
  fixture.write_all();
  assert_true(tokens.find("new").value()->token.reveal() == "ghs_7");
  assert_true(fixture.lines.lines.empty());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Crash, every_acknowledged_change_outlives_a_kill_9),
      RUN(Crash, a_store_goes_on_after_a_kill_9),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
