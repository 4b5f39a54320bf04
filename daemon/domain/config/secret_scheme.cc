#include "daemon/domain/config/secret_scheme.h"

#include <algorithm>

#include "daemon/domain/config/text_forms.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

// No '/', and neither "." nor "..": it becomes a file name in systemd's folder.
bool is_credential(std::string_view text) {
  return !text.empty() && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char letter) {
           return is_alphanumeric(letter) || letter == '_' || letter == '-' || letter == '.';
         });
}

// Letters, digits, and those in `more`; at least one.
bool consists_of(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char letter) {
    return is_alphanumeric(letter) || more.find(letter) != std::string_view::npos;
  });
}

// There is no shell, so what only a shell would understand is a mistake, and not an argument.
bool is_command(std::string_view text) {
  return is_absolute_path(text) && text.find_first_of("'\"\\`$|<>") == std::string_view::npos;
}

// "eu-west-1/tokman/ci#private_key": also an ARN is a name.
bool is_aws_secret(std::string_view text) {
  const std::size_t hash = std::min(text.find('#'), text.size());
  const std::size_t slash = text.substr(0, hash).find('/');
  if (slash == std::string_view::npos || hash + 1 == text.size()) return false;
  return consists_of(text.substr(0, slash), "-") &&
         consists_of(text.substr(slash + 1, hash - slash - 1), "/_+=.@-:");
}

// "secret/tokman/ci#private_key": no segment is empty or leads upwards.
bool is_vault_secret(std::string_view text) {
  const std::size_t hash = text.find('#');
  if (hash == std::string_view::npos || hash + 1 == text.size()) return false;
  const auto segments = split(text.substr(0, hash), '/');
  return segments.size() >= 2 && std::all_of(segments.begin(), segments.end(), [](auto segment) {
           return consists_of(segment, "_-.") && segment != "." && segment != "..";
         });
}

// RFC 7512. Of its query only the PIN's place: a PIN in clear has no place in a configuration.
bool is_pkcs11(std::string_view text) {
  constexpr std::string_view kPinSource = "pin-source=file:";
  const std::size_t query = std::min(text.find('?'), text.size());
  const std::string_view attributes = text.substr(0, query);
  if (!consists_of(attributes, "-._~%=;:@,+") || attributes.find('=') == std::string_view::npos ||
      attributes.find("pin-value") != std::string_view::npos) {
    return false;
  }
  const std::string_view source = text.substr(std::min(query + 1, text.size()));
  return query == text.size() ||
         (source.starts_with(kPinSource) && is_absolute_path(source.substr(kPinSource.size())));
}

// To add a scheme: an enumerator, a row here, its name in the forms of the header, and how it is
// read in daemon/services/secrets.
struct SchemeRow {
  SecretScheme scheme;
  std::string_view prefix;
  bool (*fits)(std::string_view name);
};
constexpr SchemeRow kSchemes[] = {
    {SecretScheme::file, "file:", is_absolute_path},
    {SecretScheme::env, "env:", is_variable},
    {SecretScheme::credential, "credential:", is_credential},
    {SecretScheme::command, "command:", is_command},
    {SecretScheme::aws, "aws-secretsmanager:", is_aws_secret},
    {SecretScheme::vault, "vault:", is_vault_secret},
    {SecretScheme::pkcs11, "pkcs11:", is_pkcs11},
};

}  // namespace

std::optional<SecretPlace> parse_secret_place(std::string_view location) {
  for (const SchemeRow& row : kSchemes) {
    if (!location.starts_with(row.prefix)) continue;
    const std::string_view name = location.substr(row.prefix.size());
    if (row.fits(name)) return SecretPlace{row.scheme, std::string(name)};
  }
  return std::nullopt;
}

bool is_local(SecretScheme scheme) {
  return scheme == SecretScheme::file || scheme == SecretScheme::env ||
         scheme == SecretScheme::credential;
}

bool is_fetched(SecretScheme scheme) {
  return scheme == SecretScheme::command || scheme == SecretScheme::aws ||
         scheme == SecretScheme::vault;
}

}  // namespace tokman
