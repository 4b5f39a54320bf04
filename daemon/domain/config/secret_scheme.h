#pragma once
// Where a secret is, as the configuration says it: "SCHEME:NAME". Reading it is another floor's
// work (daemon/services/config/secret_location.h).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tokman {

enum class SecretScheme : std::uint8_t { file, env, credential };

struct SecretPlace {
  SecretScheme scheme = SecretScheme::file;
  std::string name;  // A path, a variable of the environment, or a systemd credential.
};

// What is wrong with any other text: it "must be ...".
inline constexpr std::string_view kSecretPlaceForm =
    "file:/absolute/path, env:VARIABLE or credential:NAME";

// None if the scheme is not known or the name cannot be one of that scheme.
std::optional<SecretPlace> parse_secret_place(std::string_view location);

}  // namespace tokman
