#include "daemon/platform/linux/line_writer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <memory>

#include "libtokman/base/fd.h"
#include "libtokman/base/text.h"
#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kFloodLines = 10'000;
constexpr auto kTime = std::chrono::sys_days(std::chrono::year(2026) / 10 / 5) + 12h + 34ms;

struct Pipe {
  Fd reading, writing;
  std::string received;

  Pipe() {
    int fds[2];
    assert_int_equal(::pipe2(fds, O_CLOEXEC), 0);
    reading.reset(fds[0]);
    writing.reset(fds[1]);
  }

  void read_some() {
    char buffer[65536];
    const ssize_t count = ::read(reading.get(), buffer, sizeof buffer);
    if (count > 0) received.append(buffer, static_cast<std::size_t>(count));
  }
  // REQUIRES: whoever writes closes its end.
  void read_to_end() {
    for (std::size_t before = received.size() + 1; before != received.size();) {
      before = received.size();
      read_some();
    }
  }
  void read_rest() {
    writing.reset();
    read_to_end();
  }
  std::size_t count_lines_with(std::string_view text) {
    std::size_t count = 0;
    for (std::string_view line : split(received, '\n')) {
      if (line.find(text) != std::string_view::npos) ++count;
    }
    return count;
  }
  std::size_t sum_of_counts() {
    std::size_t sum = 0;
    for (std::string_view line : split(received, '\n')) {
      if (const auto at = line.find(" count="); at != std::string_view::npos) {
        sum += static_cast<std::size_t>(parse_int(line.substr(at + 7)).value_or(0));
      }
    }
    return sum;
  }
  std::string journal_name() {
    struct stat status {};
    ::fstat(writing.get(), &status);
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  }
};

TEST(Pipe, a_line_for_the_journal_starts_with_its_priority) {
  assert_string_equal(format_line(LineStyle::journal, 4, "event=x", kTime).c_str(), "<4>event=x\n");
}

TEST(Pipe, any_other_line_starts_with_the_time) {
  assert_string_equal(format_line(LineStyle::timestamp, 4, "event=x", kTime).c_str(),
                      "2026-10-05T12:00:00.034Z event=x\n");
}

TEST(Pipe, a_descriptor_that_is_the_journals_gets_the_journals_style) {
  const std::string journal = fixture.journal_name();
  assert_true(line_style_of(fixture.writing.get(), journal.c_str()) == LineStyle::journal);
}

TEST(Pipe, a_descriptor_that_is_not_the_journals_gets_timestamps) {
  assert_true(line_style_of(fixture.writing.get(), "1:1") == LineStyle::timestamp);
}

TEST(Pipe, without_a_journal_there_are_timestamps) {
  assert_true(line_style_of(fixture.writing.get(), nullptr) == LineStyle::timestamp);
}

TEST(Pipe, a_blocking_writer_has_written_when_it_returns) {
  BlockingLineWriter(fixture.writing.get()).write(LogLevel::info, "event=started");
  fixture.read_some();
  assert_true(fixture.received.ends_with("Z event=started\n"));
}

TEST(Pipe, destroying_the_writer_writes_what_waits) {
  {
    LineWriter writer(fixture.writing.get());
    for (int i = 0; i < 100; ++i) writer.write(LogLevel::info, "event=x");
  }
  fixture.read_rest();
  assert_int_equal(fixture.count_lines_with("event=x"), 100);
}

TEST(Pipe, lines_keep_their_order) {
  {
    LineWriter writer(fixture.writing.get());
    writer.write(LogLevel::info, "first");
    writer.write_audit("second");
    writer.write(LogLevel::info, "third");
  }
  fixture.read_rest();
  assert_true(fixture.received.find("first") < fixture.received.find("second"));
  assert_true(fixture.received.find("second") < fixture.received.find("third"));
}

// Ten times what may wait, while nobody reads; afterwards all that was kept.
void flood(Pipe& pipe) {
  auto writer = std::make_unique<LineWriter>(pipe.writing.get());
  const std::string line = "flood " + std::string(1000, 'x');
  for (std::size_t i = 0; i < kFloodLines; ++i) writer->write(LogLevel::info, line);
  std::thread ending([&] {
    writer.reset();
    pipe.writing.reset();
  });
  pipe.read_to_end();
  ending.join();
}

TEST(Pipe, lines_left_out_for_a_slow_reader_are_counted) {
  flood(fixture);
  assert_int_equal(fixture.count_lines_with("flood") + fixture.sum_of_counts(), kFloodLines);
}

TEST(Pipe, about_a_mebibyte_of_lines_waits_for_a_slow_reader) {
  flood(fixture);
  assert_in_range(fixture.count_lines_with("flood"), 900, 1'150);  // 64 KiB are in the pipe.
}

TEST(Pipe, an_audit_line_waits_for_room_and_is_never_left_out) {
  std::thread auditing([&] {
    auto writer = std::make_unique<LineWriter>(fixture.writing.get());
    for (int i = 0; i < 3'000; ++i) writer->write_audit(std::string(1000, 'a'));
    writer.reset();
    fixture.writing.reset();
  });
  fixture.read_to_end();
  auditing.join();
  assert_int_equal(fixture.count_lines_with("aaaa"), 3'000);
}

TEST(Pipe, a_reader_that_went_away_blocks_nobody) {
  ::signal(SIGPIPE, SIG_IGN);
  fixture.reading.reset();
  LineWriter writer(fixture.writing.get());
  for (int i = 0; i < 3'000; ++i) writer.write_audit(std::string(1000, 'a'));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Pipe, a_line_for_the_journal_starts_with_its_priority),
      RUN(Pipe, any_other_line_starts_with_the_time),
      RUN(Pipe, a_descriptor_that_is_the_journals_gets_the_journals_style),
      RUN(Pipe, a_descriptor_that_is_not_the_journals_gets_timestamps),
      RUN(Pipe, without_a_journal_there_are_timestamps),
      RUN(Pipe, a_blocking_writer_has_written_when_it_returns),
      RUN(Pipe, destroying_the_writer_writes_what_waits),
      RUN(Pipe, lines_keep_their_order),
      RUN(Pipe, lines_left_out_for_a_slow_reader_are_counted),
      RUN(Pipe, about_a_mebibyte_of_lines_waits_for_a_slow_reader),
      RUN(Pipe, an_audit_line_waits_for_room_and_is_never_left_out),
      RUN(Pipe, a_reader_that_went_away_blocks_nobody),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
