#include "daemon/services/secrets/local_secret.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/domain/config/secret_scheme.h"
#include "daemon/platform/linux/files.h"

namespace tokman {
namespace {

Error unavailable(std::string message) {
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, std::move(message)};
}

Result<SecretBytes> read_from_file(const std::string& path) {
  Result<FileContent> file = read_file(path, kSecretBytesMax);
  if (!file.ok()) return unavailable(file.error().message);
  if (const auto exposure = find_exposure(file.value().permissions)) {
    return unavailable(path + " " + *exposure);
  }
  return std::move(file.value().bytes);
}

Result<SecretBytes> read_from_environment(const std::string& name) {
  const char* value = ::getenv(name.c_str());
  if (value == nullptr) return unavailable("the environment has no " + name);
  const std::string_view plain(value);
  if (plain.size() > kSecretBytesMax) return unavailable(name + " is longer than 64 KiB");
  return SecretBytes(plain);
}

Result<SecretBytes> read_from_credential(const std::string& name) {
  const char* folder = ::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) {
    return unavailable("credential '" + name + "': systemd has passed no credentials");
  }
  return read_from_file(std::string(folder) + "/" + name);
}

Result<SecretBytes> read_from(const SecretPlace& place) {
  if (place.scheme == SecretScheme::file) return read_from_file(place.name);
  if (place.scheme == SecretScheme::env) return read_from_environment(place.name);
  return read_from_credential(place.name);
}

}  // namespace

Result<SecretBytes> read_local_secret(std::string_view location) {
  const auto place = parse_secret_place(location);
  if (!place || !is_local(place->scheme)) {
    return Error{TOKMAN_E_CONFIGURATION, "'" + std::string(location) +
                                             "' is no place of a secret on this host; it must be " +
                                             std::string(kLocalPlaceForm)};
  }
  Result<SecretBytes> secret = read_from(*place);
  if (secret.ok() && secret.value().empty()) {
    return unavailable(std::string(location) + " is empty");
  }
  return secret;
}

std::optional<std::string> find_exposure(mode_t permissions) {
  if ((permissions & S_IRWXO) != 0) return "is open to everybody; run chmod o-rwx on it";
  if ((permissions & S_IWGRP) != 0) return "may be written by its group; run chmod g-w on it";
  return std::nullopt;
}

}  // namespace tokman
