#pragma once
// Which texts may be names: of users, of tokens, of services.
//
// Each is looked at byte by byte, to its end: a NUL or a line end within it is as wrong as one
// after it. Names have 1 to 64 bytes.
#include <cstddef>
#include <string_view>

namespace tokman {

inline constexpr std::size_t kAccessNameBytesMax = 64;

// Lower-case letters, digits, '_', '.' and '-', with a letter among them; '.' and '-' only between
// two others. So the accounts of a Debian system have one ("_apt", "www-data", "first.last"), but
// for one with capitals ("Debian-exim"); "1234567" and "<internal>" are none.
bool is_username(std::string_view text);
// A username for no account: "bot-" and the rest of one.
bool is_bot_name(std::string_view text);
// What a user calls a token: any text without control characters and without spaces at its ends.
bool is_token_name(std::string_view text);
// Letters, digits, '_', '.' and '-'.
bool is_service_name(std::string_view text);

}  // namespace tokman
