#include "daemon/domain/config/secret_scheme.h"

#include <algorithm>

#include "daemon/domain/config/text_forms.h"

namespace tokman {
namespace {

bool is_variable(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char letter) { return is_alphanumeric(letter) || letter == '_'; });
}

// No '/', and neither "." nor "..": it becomes a file name in systemd's folder.
bool is_credential(std::string_view text) {
  return !text.empty() && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char letter) {
           return is_alphanumeric(letter) || letter == '_' || letter == '-' || letter == '.';
         });
}

// To add a scheme: an enumerator, a row here, its name in kSecretPlaceForm, and how it is read in
// daemon/services/config/secret_location.cc.
struct SchemeRow {
  SecretScheme scheme;
  std::string_view prefix;
  bool (*fits)(std::string_view name);
};
constexpr SchemeRow kSchemes[] = {
    {SecretScheme::file, "file:", is_absolute_path},
    {SecretScheme::env, "env:", is_variable},
    {SecretScheme::credential, "credential:", is_credential},
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

}  // namespace tokman
