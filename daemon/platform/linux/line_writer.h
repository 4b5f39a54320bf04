#pragma once
// Log lines to a descriptor, in the form its reader wants.
//
// When it leads to the journal, a line starts with its priority ("<6>"), and the journal adds the
// rest; otherwise with the time ("2026-10-05T12:00:00.000Z"). Audit lines have priority 5, notice.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "daemon/base/log.h"

namespace tokman {

enum class LineStyle { journal, timestamp };

// journal if $JOURNAL_STREAM ("device:inode", may be null) names what `fd` leads to.
LineStyle line_style_of(int fd, const char* journal_stream);

// The line as it is written, "\n" included. `priority` is syslog's.
std::string format_line(LineStyle style, int priority, std::string_view line,
                        std::chrono::sys_time<std::chrono::milliseconds> time);

// Writes each line before it returns: for a process that has nothing else to do meanwhile.
class BlockingLineWriter : public LineSink {
 public:
  explicit BlockingLineWriter(int fd);
  void write(LogLevel level, std::string_view line) override;
  void write_audit(std::string_view line) override;

 private:
  int fd_;
  LineStyle style_;
};

// Writes lines from a thread of its own, whole and in order. Up to 1 MiB wait for a slow reader;
// beyond that ordinary lines are left out, a line says how many, and audit lines make their
// writer wait. Destroying it writes what waits. A descriptor that fails loses its lines silently:
// there is nowhere left to say so.
class LineWriter : public LineSink {
 public:
  // REQUIRES: fd stays open for as long as this lives.
  explicit LineWriter(int fd);
  ~LineWriter() override;

  void write(LogLevel level, std::string_view line) override;
  void write_audit(std::string_view line) override;

 private:
  void push(std::string line);
  void push_omission_note();
  void run();

  int fd_;
  LineStyle style_;
  std::mutex mutex_;
  std::condition_variable has_lines_;
  std::condition_variable has_room_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t omitted_ = 0;
  bool ending_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace tokman
