#include "daemon/platform/linux/line_writer.h"

#include <errno.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tokman {
namespace {

constexpr std::size_t kWaitingBytesMax = 1024 * 1024;
constexpr int kAuditPriority = 5;

std::chrono::sys_time<std::chrono::milliseconds> wall_time() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string format_now(LineStyle style, int priority, std::string_view line) {
  return format_line(style, priority, line, wall_time());
}

// A descriptor that others made may be non-blocking: then wait for room, not spin.
void write_fully(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

// Signals are for the thread that asked for them; a new thread inherits what is blocked here.
std::thread start_without_signals(auto body) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

LineStyle line_style_of(int fd, const char* journal_stream) {
  struct stat status {};
  if (journal_stream == nullptr || ::fstat(fd, &status) != 0) return LineStyle::timestamp;
  const bool is_journal = fmt::format("{}:{}", status.st_dev, status.st_ino) == journal_stream;
  return is_journal ? LineStyle::journal : LineStyle::timestamp;
}

std::string format_line(LineStyle style, int priority, std::string_view line,
                        std::chrono::sys_time<std::chrono::milliseconds> time) {
  if (style == LineStyle::journal) return fmt::format("<{}>{}\n", priority, line);
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z {}\n",
                     fmt::gmtime(second.time_since_epoch().count()), (time - second).count(), line);
}

BlockingLineWriter::BlockingLineWriter(int fd)
    : fd_(fd), style_(line_style_of(fd, ::getenv("JOURNAL_STREAM"))) {}

void BlockingLineWriter::write(LogLevel level, std::string_view line) {
  write_fully(fd_, format_now(style_, static_cast<int>(level), line));
}

void BlockingLineWriter::write_audit(std::string_view line) {
  write_fully(fd_, format_now(style_, kAuditPriority, line));
}

LineWriter::LineWriter(int fd)
    : fd_(fd),
      style_(line_style_of(fd, ::getenv("JOURNAL_STREAM"))),
      thread_(start_without_signals([this] { run(); })) {}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  has_lines_.notify_one();
  thread_.join();
}

void LineWriter::write(LogLevel level, std::string_view line) {
  std::string formatted = format_now(style_, static_cast<int>(level), line);
  const std::lock_guard lock(mutex_);
  if (waiting_bytes_ + formatted.size() > kWaitingBytesMax) {
    ++omitted_;
    return;
  }
  push(std::move(formatted));
}

void LineWriter::write_audit(std::string_view line) {
  std::string formatted = format_now(style_, kAuditPriority, line);
  std::unique_lock lock(mutex_);
  has_room_.wait(lock, [&] {
    return waiting_.empty() || waiting_bytes_ + formatted.size() <= kWaitingBytesMax;
  });
  push(std::move(formatted));
}

void LineWriter::push(std::string line) {
  if (omitted_ != 0) push_omission_note();
  waiting_bytes_ += line.size();
  waiting_.push_back(std::move(line));
  has_lines_.notify_one();
}

void LineWriter::push_omission_note() {
  std::string note = format_now(style_, static_cast<int>(LogLevel::warning),
                                fmt::format("event=\"log lines left out\" count={}", omitted_));
  omitted_ = 0;
  waiting_bytes_ += note.size();
  waiting_.push_back(std::move(note));
}

void LineWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    has_lines_.wait(lock, [this] { return ending_ || !waiting_.empty() || omitted_ != 0; });
    if (waiting_.empty() && omitted_ != 0) push_omission_note();
    if (waiting_.empty()) return;
    const std::string line = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    write_fully(fd_, line);
    lock.lock();
    waiting_bytes_ -= line.size();  // Only now: what is being written still takes room.
    has_room_.notify_all();
  }
}

}  // namespace tokman
