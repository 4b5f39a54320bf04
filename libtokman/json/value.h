#pragma once
// A JSON value, on jansson: it frees itself, and copies share what they hold.
//
// Parsing is strict: one value, no duplicate names, no byte after it, bounded nesting. In the
// daemon, install_wiping_allocator() makes sure that no text of a secret is left in freed memory;
// libtokman does not call it, because the application may use jansson too.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

struct json_t;

namespace tokman::json {

class Value {
 public:
  Value() = default;  // Absent: what find() gives for a name that is not there.
  Value(const Value& other);
  Value(Value&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Value& operator=(Value other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Value();

  static Value object();
  static Value array();
  static Value of(std::string_view text);  // REQUIRES: UTF-8; other bytes become "?".
  static Value of(const char* text) { return of(std::string_view(text)); }
  static Value of(const std::string& text) { return of(std::string_view(text)); }
  static Value of(std::int64_t number);
  static Value of(int number) { return of(std::int64_t{number}); }
  static Value of(bool truth);
  static Value of(const std::vector<std::string>& texts);
  static Value of(const std::map<std::string, std::string>& texts);
  static Value of(const std::map<std::string, std::int64_t>& numbers);

  bool exists() const { return raw_ != nullptr; }
  bool is_null() const;
  bool is_object() const;
  bool is_array() const;

  // None if the value is of another kind. Views live as long as the value is not changed.
  std::optional<std::string_view> as_text() const;
  std::optional<std::int64_t> as_int() const;
  std::optional<bool> as_bool() const;

  // Absent if this is no object or has no such member.
  Value find(std::string_view name) const;
  std::vector<std::pair<std::string_view, Value>> members() const;
  std::vector<Value> elements() const;

  // REQUIRES: is_object(). Gives *this, to be chained.
  Value& set(std::string_view name, Value value);
  template <class T>
  Value& set(std::string_view name, const T& value) {
    return set(name, of(value));
  }
  // Absent if there was no such member.
  Value take(std::string_view name);
  // REQUIRES: is_array().
  Value& append(Value value);

  // Without white space, members in the order they were set.
  std::string dump() const;
  std::string dump_indented() const;
  SecretBytes dump_secret() const;

 private:
  friend Result<Value> parse(std::string_view text, int depth_max);
  explicit Value(json_t* owned) : raw_(owned) {}

  json_t* raw_ = nullptr;
};

// The only text that arrives from outside. Errors never repeat what was in the text.
Result<Value> parse(std::string_view text, int depth_max);

void install_wiping_allocator();

}  // namespace tokman::json
