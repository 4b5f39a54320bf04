#include "libtokman/json/value.h"

#include <jansson.h>

#include <new>

#include "libtokman/base/wiping_memory.h"

namespace tokman::json {
namespace {

json_t* checked(json_t* made) {
  if (made == nullptr) throw std::bad_alloc();  // The one failure left; it ends the process.
  return made;
}

// Counts brackets outside strings, so that nesting is refused before anything is built.
bool nests_deeper_than(std::string_view text, int depth_max) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (in_string) {
      if (letter == '\\') ++i;
      if (letter == '"') in_string = false;
    } else if (letter == '"') {
      in_string = true;
    } else if (letter == '{' || letter == '[') {
      if (++depth > depth_max) return true;
    } else if (letter == '}' || letter == ']') {
      --depth;
    }
  }
  return false;
}

constexpr std::size_t kCompact = JSON_COMPACT | JSON_ENCODE_ANY;

}  // namespace

Value::Value(const Value& other) : raw_(json_incref(other.raw_)) {}
Value::~Value() { json_decref(raw_); }

Value Value::object() { return Value(checked(json_object())); }
Value Value::array() { return Value(checked(json_array())); }
Value Value::of(std::int64_t number) { return Value(checked(json_integer(number))); }
Value Value::of(bool truth) { return Value(json_boolean(truth)); }

Value Value::of(std::string_view text) {
  json_t* made = json_stringn(text.data(), text.size());
  if (made != nullptr) return Value(made);
  std::string ascii(text);
  for (char& letter : ascii) {
    if (static_cast<unsigned char>(letter) >= 0x80) letter = '?';
  }
  return Value(checked(json_stringn(ascii.data(), ascii.size())));
}

Value Value::of(const std::vector<std::string>& texts) {
  Value list = array();
  for (const std::string& text : texts) list.append(of(text));
  return list;
}

Value Value::of(const std::map<std::string, std::string>& texts) {
  Value dictionary = object();
  for (const auto& [name, text] : texts) dictionary.set(name, of(text));
  return dictionary;
}

Value Value::of(const std::map<std::string, std::int64_t>& numbers) {
  Value dictionary = object();
  for (const auto& [name, number] : numbers) dictionary.set(name, of(number));
  return dictionary;
}

bool Value::is_null() const { return raw_ != nullptr && json_is_null(raw_); }
bool Value::is_object() const { return json_is_object(raw_); }
bool Value::is_array() const { return json_is_array(raw_); }

std::optional<std::string_view> Value::as_text() const {
  if (!json_is_string(raw_)) return std::nullopt;
  return std::string_view(json_string_value(raw_), json_string_length(raw_));
}

std::optional<std::int64_t> Value::as_int() const {
  if (!json_is_integer(raw_)) return std::nullopt;
  return json_integer_value(raw_);
}

std::optional<bool> Value::as_bool() const {
  if (!json_is_boolean(raw_)) return std::nullopt;
  return json_is_true(raw_);
}

Value Value::find(std::string_view name) const {
  for (void* at = json_object_iter(raw_); at != nullptr; at = json_object_iter_next(raw_, at)) {
    if (name == json_object_iter_key(at)) return Value(json_incref(json_object_iter_value(at)));
  }
  return Value();
}

std::vector<std::pair<std::string_view, Value>> Value::members() const {
  std::vector<std::pair<std::string_view, Value>> all;
  for (void* at = json_object_iter(raw_); at != nullptr; at = json_object_iter_next(raw_, at)) {
    all.emplace_back(json_object_iter_key(at), Value(json_incref(json_object_iter_value(at))));
  }
  return all;
}

std::vector<Value> Value::elements() const {
  std::vector<Value> all;
  for (std::size_t i = 0; i < json_array_size(raw_); ++i) {
    all.push_back(Value(json_incref(json_array_get(raw_, i))));
  }
  return all;
}

Value& Value::set(std::string_view name, Value value) {
  if (!value.exists()) value = Value(json_null());
  json_object_set_new(raw_, std::string(name).c_str(), std::exchange(value.raw_, nullptr));
  return *this;
}

Value Value::take(std::string_view name) {
  Value taken = find(name);
  if (taken.exists()) json_object_del(raw_, std::string(name).c_str());
  return taken;
}

Value& Value::append(Value value) {
  json_array_append_new(raw_, std::exchange(value.raw_, nullptr));
  return *this;
}

std::string Value::dump() const {
  std::string text(json_dumpb(raw_, nullptr, 0, kCompact), '\0');
  json_dumpb(raw_, text.data(), text.size(), kCompact);
  return text;
}

std::string Value::dump_indented() const {
  constexpr std::size_t kFlags = JSON_INDENT(2) | JSON_ENCODE_ANY;
  std::string text(json_dumpb(raw_, nullptr, 0, kFlags), '\0');
  json_dumpb(raw_, text.data(), text.size(), kFlags);
  return text;
}

SecretBytes Value::dump_secret() const {
  SecretBytes text = SecretBytes::with_size(json_dumpb(raw_, nullptr, 0, kCompact));
  json_dumpb(raw_, text.writable(), text.size(), kCompact);
  return text;
}

Result<Value> parse(std::string_view text, int depth_max) {
  if (nests_deeper_than(text, depth_max)) {
    return Error{TOKMAN_E_INVALID_ARGUMENT,
                 "JSON is nested deeper than " + std::to_string(depth_max) + " levels"};
  }
  json_error_t fault;
  json_t* raw = json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &fault);
  if (raw != nullptr) return Value(raw);
  return Error{TOKMAN_E_INVALID_ARGUMENT,
               "not valid JSON at byte " + std::to_string(fault.position)};
}

void install_wiping_allocator() { json_set_alloc_funcs(wiping_malloc, wiping_free); }

}  // namespace tokman::json
