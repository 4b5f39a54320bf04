#pragma once
// Bytes as text: base64 (RFC 4648 section 4, padded) and base64url (section 5, without padding).
#include <optional>
#include <string>
#include <string_view>

namespace tokman {

std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);

// None if the text has a character outside the alphabet, wrong padding, or left-over bits.
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace tokman
