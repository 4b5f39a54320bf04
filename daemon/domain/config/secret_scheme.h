#pragma once
// Where a secret is, as the configuration says it: "SCHEME:NAME". Reading it is another floor's
// work (daemon/services/secrets).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tokman {

enum class SecretScheme : std::uint8_t { file, env, credential, command, aws, vault, pkcs11 };

struct SecretPlace {
  SecretScheme scheme = SecretScheme::file;
  std::string name;  // What stands behind the scheme's colon.
};

// What is wrong with any other text: it "must be ...".
inline constexpr std::string_view kLocalPlaceForm =
    "file:/absolute/path, env:VARIABLE or credential:NAME";
inline constexpr std::string_view kSecretPlaceForm =
    "file:/absolute/path, env:VARIABLE, credential:NAME, command:/program ARGUMENTS, "
    "aws-secretsmanager:REGION/NAME[#member] or vault:MOUNT/PATH#field";
inline constexpr std::string_view kKeyPlaceForm =
    "a secret's place, or pkcs11:ATTRIBUTES[?pin-source=file:/absolute/path]";

// None if the scheme is not known or the name cannot be one of that scheme.
std::optional<SecretPlace> parse_secret_place(std::string_view location);

// Whether reading it takes no more than this host's files and our own environment.
bool is_local(SecretScheme scheme);
// Whether reading it takes the network, or another program.
bool is_fetched(SecretScheme scheme);

}  // namespace tokman
