#include "tools/tokman/shown_credential.h"

#include <cstdlib>

#include "tools/tokman/secret_files.h"

namespace tokman {
namespace {

std::optional<std::string> from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

// NUL-terminated, as C wants it.
Result<SecretBytes> read_text(const std::string& path) {
  Result<SecretBytes> secret = read_secret(path);
  if (!secret.ok()) return secret;
  return SecretBytes::concat({secret.value().reveal(), std::string_view("\0", 1)});
}

}  // namespace

Result<int> show_credential(tokman_client* client, const Options& options) {
  const auto id = from_environment("TOKMAN_CLIENT_ID");
  const auto key_file = from_environment("TOKMAN_CLIENT_KEY_FILE");
  const bool is_client = !options.auth_file && (id || key_file);
  if (is_client && !(id && key_file)) {
    return Error{TOKMAN_E_INVALID_ARGUMENT,
                 "TOKMAN_CLIENT_ID and TOKMAN_CLIENT_KEY_FILE: only one of them is set"};
  }
  const auto path = is_client           ? key_file
                    : options.auth_file ? options.auth_file
                                        : from_environment("TOKMAN_AUTH_FILE");
  if (!path) return 0;
  const Result<SecretBytes> secret = read_text(*path);
  if (!secret.ok()) return secret.error();
  const char* text = secret.value().reveal().data();
  return is_client ? tokman_client_login(client, id->c_str(), text)
                   : tokman_client_set_credential(client, text);
}

}  // namespace tokman
