#include "libtokman/protocol/error_names.h"

namespace {

struct ErrorRow {
  tokman_error code;
  const char* name;
  int is_retryable;
  const char* text;
};

constexpr ErrorRow kErrors[] = {
#define XX(name, number, retry, text) {TOKMAN_E_##name, #name, retry, text},
    TOKMAN_ERROR_MAP(XX)
#undef XX
};

constexpr bool numbers_fit_an_exit_status() {
  for (const ErrorRow& row : kErrors) {
    if (row.code > -1 || row.code < -125) return false;
  }
  return true;
}
static_assert(numbers_fit_an_exit_status());

const ErrorRow* find_row(int code) {
  for (const ErrorRow& row : kErrors) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

extern "C" const char* tokman_error_name(int code) {
  if (code == TOKMAN_OK) return "OK";
  const ErrorRow* row = find_row(code);
  return row == nullptr ? "UNKNOWN" : row->name;
}

extern "C" const char* tokman_error_text(int code) {
  if (code == TOKMAN_OK) return "success";
  const ErrorRow* row = find_row(code);
  return row == nullptr ? "an error this library does not know" : row->text;
}

extern "C" int tokman_error_is_retryable(int code) {
  const ErrorRow* row = find_row(code);
  return row == nullptr ? 0 : row->is_retryable;
}

namespace tokman {

std::string wire_error_name(int code) {
  std::string name = "io.tokman.";
  bool starts_word = true;
  for (const char* letter = tokman_error_name(code); *letter != '\0'; ++letter) {
    if (*letter == '_') {
      starts_word = true;
      continue;
    }
    name += starts_word ? *letter : static_cast<char>(*letter - 'A' + 'a');
    starts_word = false;
  }
  return name;
}

tokman_error error_code_from_wire(std::string_view name) {
  for (const ErrorRow& row : kErrors) {
    if (wire_error_name(row.code) == name) return row.code;
  }
  if (name == "org.varlink.service.InvalidParameter") return TOKMAN_E_INVALID_ARGUMENT;
  if (name == "org.varlink.service.MethodNotFound") return TOKMAN_E_NO_SUCH_METHOD;
  if (name == "org.varlink.service.InterfaceNotFound") return TOKMAN_E_NO_SUCH_METHOD;
  if (name == "org.varlink.service.MethodNotImplemented") return TOKMAN_E_NO_SUCH_METHOD;
  return TOKMAN_E_PROTOCOL;
}

}  // namespace tokman
