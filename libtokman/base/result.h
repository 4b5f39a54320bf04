#pragma once
// Success or one reason for failure. Errors are values: nothing in tokman throws.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <tokman/errors.h>

namespace tokman {

// What GitHub itself said, carried to the caller unchanged.
struct GithubAnswer {
  int status = 0;
  std::string message;
  std::string request_id;  // The only thing GitHub's support asks for.
};

// What is left of the calls that a caller may make in a minute.
struct Allowance {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::chrono::milliseconds reset{};  // Until all of it is back.
};

struct Error {
  tokman_error code = TOKMAN_E_INTERNAL;
  std::string message;     // For people: "reading the key of app 'ci': permission denied".
  std::string field = {};  // The parameter at fault, "" if none.
  std::optional<std::chrono::milliseconds> retry_after = {};
  std::optional<GithubAnswer> github = {};
  std::optional<Allowance> allowance = {};
};

// "starting the signer" + "no such file" -> "starting the signer: no such file".
inline Error within(std::string_view doing, Error error) {
  error.message = std::string(doing) + ": " + error.message;
  return error;
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }

  // REQUIRES: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }

  // REQUIRES: !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};  // For Result<Done>: success that has no value.

}  // namespace tokman
