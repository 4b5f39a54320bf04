#include "tools/tokman/parameter_options.h"

#include <CLI/CLI.hpp>
#include <ctime>

#include "libtokman/base/text.h"
#include "tools/tokman/secret_files.h"

namespace tokman {
namespace {

using Texts = std::vector<std::string>;

// Numbers that people type are whole, and not negative.
json::Value read_number(const std::string& text) {
  if (const auto number = parse_int(text)) return json::Value::of(*number);
  throw CLI::ValidationError("'" + text + "' is no number");
}

json::Value read_length(const std::string& text) {
  if (const auto length = parse_duration(text)) return json::Value::of(length->count() / 1000);
  throw CLI::ValidationError("'" + text + "' is no length of time such as 90d, 12h or 10m");
}

json::Value read_moment(const std::string& text, Direction direction) {
  const auto at = parse_moment(text, direction, std::time(nullptr));
  if (at) return json::Value::of(*at);
  throw CLI::ValidationError("'" + text + "' is no moment such as 2026-12-31T12:00Z or 90d");
}

json::Value read_secret_text(const std::string& path) {
  const Result<SecretBytes> secret = read_secret(path);
  if (secret.ok()) return json::Value::of(secret.value().reveal());
  throw CLI::ValidationError(secret.error().message);
}

json::Value read_numbers(const Texts& texts) {
  json::Value list = json::Value::array();
  for (const std::string& text : texts) list.append(read_number(text));
  return list;
}

json::Value read_number_map(const Texts& texts) {
  json::Value map = json::Value::object();
  for (const std::string& text : texts) {
    const auto parts = split(text, '=');
    if (parts.size() != 2) throw CLI::ValidationError("'" + text + "' is not such as ci=100");
    map.set(parts[0], read_number(std::string(parts[1])));
  }
  return map;
}

}  // namespace

ParameterOptions& ParameterOptions::text(const char* option, const char* field, const char* help) {
  return one(option, field, help, [](const std::string& text) { return json::Value::of(text); })
      .called("TEXT");
}

ParameterOptions& ParameterOptions::number(const char* option, const char* field,
                                           const char* help) {
  return one(option, field, help, read_number).called("NUMBER");
}

ParameterOptions& ParameterOptions::length(const char* option, const char* field,
                                           const char* help) {
  return one(option, field, help, read_length).called("TIME");
}

ParameterOptions& ParameterOptions::moment(const char* option, const char* field,
                                           Direction direction, const char* help) {
  const auto read = [direction](const std::string& text) { return read_moment(text, direction); };
  return one(option, field, help, read).called("WHEN");
}

ParameterOptions& ParameterOptions::end(const char* help) {
  const auto take = [given = &options_.given](const std::string& text) {
    const bool is_never = text == "never";
    given->set(is_never ? "no_expire" : "expires",
               is_never ? json::Value::of(true) : read_moment(text, Direction::ahead));
  };
  last_ = command_.add_option_function<std::string>("--expires", take, help);
  return called("WHEN");
}

ParameterOptions& ParameterOptions::texts(const char* option, const char* field, const char* help) {
  return several(option, field, help, [](const Texts& texts) { return json::Value::of(texts); })
      .called("TEXT");
}

ParameterOptions& ParameterOptions::numbers(const char* option, const char* field,
                                            const char* help) {
  return several(option, field, help, read_numbers).called("NUMBER");
}

ParameterOptions& ParameterOptions::number_map(const char* option, const char* field,
                                               const char* help) {
  return several(option, field, help, read_number_map).called("NAME=NUMBER");
}

ParameterOptions& ParameterOptions::secret(const char* option, const char* field,
                                           const char* help) {
  return one(option, field, help, read_secret_text).called("FILE");
}

ParameterOptions& ParameterOptions::flag(const char* option, const char* field, const char* help) {
  const auto take = [given = &options_.given, field] { given->set(field, true); };
  last_ = command_.add_flag_callback(option, take, help);
  return *this;
}

ParameterOptions& ParameterOptions::page_limit() {
  last_ = command_.add_option("--limit", options_.limit, "How many at most [100]");
  last_->check(CLI::Range(1, 1'000'000));
  return called("NUMBER");
}

ParameterOptions& ParameterOptions::further(const char* help) {
  command_.footer(std::string(help) + "\n" + command_.get_footer());
  return *this;
}

ParameterOptions& ParameterOptions::required() {
  last_->required();
  return *this;
}

ParameterOptions& ParameterOptions::one_of(const std::vector<std::string>& texts) {
  last_->check(CLI::IsMember(texts));
  return *this;
}

ParameterOptions& ParameterOptions::called(const char* type_name) {
  last_->type_name(type_name);
  return *this;
}

ParameterOptions& ParameterOptions::one(
    const char* option, const char* field, const char* help,
    const std::function<json::Value(const std::string& text)>& read) {
  const auto take = [given = &options_.given, field, read](const std::string& text) {
    given->set(field, read(text));
  };
  last_ = command_.add_option_function<std::string>(option, take, help);
  return *this;
}

ParameterOptions& ParameterOptions::several(
    const char* option, const char* field, const char* help,
    const std::function<json::Value(const Texts& texts)>& read) {
  const auto take = [given = &options_.given, field, read](const Texts& texts) {
    const bool is_none = texts.size() == 1 && texts.front() == "none";
    given->set(field, read(is_none ? Texts() : texts));
  };
  last_ = command_.add_option_function<Texts>(option, take, help);
  last_->delimiter(',')->allow_extra_args(false);
  return *this;
}

}  // namespace tokman
