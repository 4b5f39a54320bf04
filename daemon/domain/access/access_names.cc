#include "daemon/domain/access/access_names.h"

#include <algorithm>

namespace tokman {
namespace {

constexpr std::string_view kBotPrefix = "bot-";

bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_letter(char letter) { return is_lower(letter) || (letter >= 'A' && letter <= 'Z'); }
bool is_separator(char letter) { return letter == '.' || letter == '-'; }

bool has_name_size(std::string_view text) {
  return !text.empty() && text.size() <= kAccessNameBytesMax;
}

// Words of lower-case letters, digits and '_', with one separator between two of them.
bool is_joined_words(std::string_view text) {
  bool was_in_word = false;
  for (const char letter : text) {
    const bool is_in_word = is_lower(letter) || is_digit(letter) || letter == '_';
    if (!is_in_word && !(is_separator(letter) && was_in_word)) return false;
    was_in_word = is_in_word;
  }
  return was_in_word;
}

// Of ASCII, and in UTF-8 those from U+0080 to U+009F.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    const bool is_second_of_two = i > 0 && text[i - 1] == '\xc2';
    if (is_second_of_two && byte >= 0x80 && byte <= 0x9f) return true;
  }
  return false;
}

}  // namespace

bool is_username(std::string_view text) {
  return has_name_size(text) && is_joined_words(text) &&
         std::any_of(text.begin(), text.end(), is_lower);
}

bool is_bot_name(std::string_view text) {
  return has_name_size(text) && text.starts_with(kBotPrefix) &&
         is_joined_words(text.substr(kBotPrefix.size()));
}

bool is_token_name(std::string_view text) {
  return has_name_size(text) && !has_control_character(text) && text.front() != ' ' &&
         text.back() != ' ';
}

bool is_service_name(std::string_view text) {
  return has_name_size(text) && std::all_of(text.begin(), text.end(), [](char letter) {
           return is_letter(letter) || is_digit(letter) || letter == '_' || is_separator(letter);
         });
}

}  // namespace tokman
