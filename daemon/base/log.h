#pragma once
// One event per line, key=value: what operators and journald read.
//
//     log.info("token minted", {{"app", "ci"}, {"target", "octo-org/hello-world"}});
//
// Values with spaces or quotes are quoted and escaped, and cut after 1 KiB: no line can be forged
// or grow without bound. Audit lines are written at every level. A LineSink takes whole lines; it
// must not block the loop.
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tokman {

enum class LogLevel : std::uint8_t { error = 3, warning = 4, info = 6, debug = 7 };  // syslog's

class LineSink {
 public:
  virtual ~LineSink() = default;
  // Lines of this level may be dropped when the reader is too slow, and are then counted.
  virtual void write(LogLevel level, std::string_view line) = 0;
  // Never dropped: rather waits.
  virtual void write_audit(std::string_view line) = 0;
};

struct LogField {
  LogField(std::string_view field_key, std::string_view field_value)
      : key(field_key), value(field_value) {}
  LogField(std::string_view field_key, const char* field_value)
      : key(field_key), value(field_value) {}
  LogField(std::string_view field_key, const std::string& field_value)
      : key(field_key), value(field_value) {}
  LogField(std::string_view field_key, std::int64_t number)
      : key(field_key), value(std::to_string(number)) {}

  std::string_view key;
  std::string value;
};

class Log {
 public:
  // REQUIRES: sink outlives the log.
  explicit Log(LineSink& sink, LogLevel level = LogLevel::info) : sink_(sink), level_(level) {}

  void set_level(LogLevel level) { level_ = level; }

  using Fields = std::initializer_list<LogField>;
  void error(std::string_view event, Fields fields = {}) { write(LogLevel::error, event, fields); }
  void warning(std::string_view event, Fields fields = {}) {
    write(LogLevel::warning, event, fields);
  }
  void info(std::string_view event, Fields fields = {}) { write(LogLevel::info, event, fields); }
  void debug(std::string_view event, Fields fields = {}) { write(LogLevel::debug, event, fields); }

  // audit=<event> key=value …
  void audit(std::string_view event, std::span<const LogField> fields);

 private:
  void write(LogLevel level, std::string_view event, Fields fields);

  LineSink& sink_;
  LogLevel level_;
};

}  // namespace tokman
