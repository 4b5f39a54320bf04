#include "libtokman/json/object_reader.h"

#include <algorithm>
#include <utility>

#include "libtokman/base/text.h"

namespace tokman::json {
namespace {

template <class T>
const char* read_list(const Value& value, std::vector<T>& out, const char* wanted) {
  if (!value.is_array()) return wanted;
  for (const Value& element : value.elements()) {
    if (read_value(element, out.emplace_back()) != nullptr) return wanted;
  }
  return nullptr;
}

template <class T>
const char* read_map(const Value& value, std::map<std::string, T>& out, const char* wanted) {
  if (!value.is_object()) return wanted;
  for (const auto& [name, member] : value.members()) {
    if (read_value(member, out[std::string(name)]) != nullptr) return wanted;
  }
  return nullptr;
}

}  // namespace

const char* read_value(const Value& value, std::string& out) {
  const auto text = value.as_text();
  if (!text) return "a string";
  out = *text;
  return nullptr;
}

const char* read_value(const Value& value, std::int64_t& out) {
  const auto number = value.as_int();
  if (!number) return "a whole number";
  out = *number;
  return nullptr;
}

const char* read_value(const Value& value, bool& out) {
  const auto truth = value.as_bool();
  if (!truth) return "true or false";
  out = *truth;
  return nullptr;
}

const char* read_value(const Value& value, std::vector<std::string>& out) {
  return read_list(value, out, "a list of strings");
}

const char* read_value(const Value& value, std::vector<std::int64_t>& out) {
  return read_list(value, out, "a list of whole numbers");
}

const char* read_value(const Value& value, std::map<std::string, std::string>& out) {
  return read_map(value, out, "an object of strings");
}

const char* read_value(const Value& value, std::map<std::string, std::int64_t>& out) {
  return read_map(value, out, "an object of whole numbers");
}

const char* read_value(const Value& value, SecretBytes& out) {
  const auto text = value.as_text();
  if (!text) return "a string";
  out = SecretBytes(*text);
  return nullptr;
}

const char* read_value(const Value& value, Value& out) {
  out = value;
  return nullptr;
}

ObjectReader::ObjectReader(const Value& object) : object_(object) {
  if (object.exists() && !object.is_null() && !object.is_object()) {
    error_ = Error{TOKMAN_E_INVALID_ARGUMENT, "must be a JSON object"};
  }
}

ObjectReader& ObjectReader::ignoring_unknown() {
  ignores_unknown_ = true;
  return *this;
}

Result<Done> ObjectReader::finish() {
  if (!error_ && !ignores_unknown_ && object_.is_object()) {
    for (const auto& [name, member] : object_.members()) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const auto suggestion = nearest(name, known_);
      fail(name, suggestion ? "is not known; did you mean '" + std::string(*suggestion) + "'?"
                            : "is not known");
      break;
    }
  }
  if (error_) return *error_;
  return Done{};
}

Value ObjectReader::take(std::string_view name) {
  known_.push_back(name);
  return object_.find(name);
}

void ObjectReader::fail(std::string_view name, std::string_view what) {
  std::string message = "'";
  message.append(name).append("' ").append(what);
  error_ = Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::string(name)};
}

}  // namespace tokman::json
