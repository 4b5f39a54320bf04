#pragma once
// Reads the members of a JSON object into variables, and says by name what is wrong with it.
//
//     json::ObjectReader reader(parameters);
//     reader.field("target", target).field("app", app);
//     if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
//
// A std::optional may be absent or null, anything else must be there. The first mistake is kept,
// and a member that no field() named is one. Nothing is read after a mistake.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libtokman/base/result.h"
#include "libtokman/json/value.h"

namespace tokman::json {

// What a value of the wrong kind should have been, in words; nullptr if it was right.
const char* read_value(const Value& value, std::string& out);
const char* read_value(const Value& value, std::int64_t& out);
const char* read_value(const Value& value, bool& out);
const char* read_value(const Value& value, std::vector<std::string>& out);
const char* read_value(const Value& value, std::vector<std::int64_t>& out);
const char* read_value(const Value& value, std::map<std::string, std::string>& out);
const char* read_value(const Value& value, std::map<std::string, std::int64_t>& out);
const char* read_value(const Value& value, SecretBytes& out);
const char* read_value(const Value& value, Value& out);

class ObjectReader {
 public:
  // An absent value counts as an object without members. REQUIRES: object outlives the reader.
  explicit ObjectReader(const Value& object);

  template <class T>
  ObjectReader& field(std::string_view name, T& out) {
    if (const Value value = take(name); !error_) {
      if (!value.exists() || value.is_null()) {
        fail(name, "is missing");
      } else if (const char* wanted = read_value(value, out)) {
        fail(name, std::string("must be ") + wanted);
      }
    }
    return *this;
  }

  template <class T>
  ObjectReader& field(std::string_view name, std::optional<T>& out) {
    const Value value = take(name);
    if (error_ || !value.exists() || value.is_null()) return *this;
    if (const char* wanted = read_value(value, out.emplace())) {
      fail(name, std::string("must be ") + wanted);
    }
    return *this;
  }

  // For answers of servers that may learn new members: finish() then accepts what no one read.
  ObjectReader& ignoring_unknown();

  [[nodiscard]] Result<Done> finish();

 private:
  Value take(std::string_view name);
  void fail(std::string_view name, std::string_view what);

  const Value& object_;
  std::vector<std::string_view> known_;
  bool ignores_unknown_ = false;
  std::optional<Error> error_;
};

}  // namespace tokman::json
