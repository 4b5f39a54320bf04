#include "daemon/domain/config/text_forms.h"

#include <algorithm>

#include "daemon/domain/config/config.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::size_t kPathBytesMax = 4095;
constexpr std::size_t kSocketPathBytesMax = 107;  // sockaddr_un's, without the NUL.
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kGithubNameBytesMax = 100;
constexpr std::size_t kHostBytesMax = 253;

// Letters, digits, and those in `more`; at least one, at most bytes_max.
bool consists_of(std::string_view text, std::string_view more, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::all_of(text.begin(), text.end(), [&](char letter) {
           return is_alphanumeric(letter) || more.find(letter) != std::string_view::npos;
         });
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_port(std::string_view text) {
  const auto port = parse_int(text);
  return port && *port >= 1 && *port <= 65535;
}

bool is_target_segment(std::string_view text) {
  return consists_of(text, "._-*", kGithubNameBytesMax) && text != "." && text != ".." &&
         text.find("**") == std::string_view::npos;
}

}  // namespace

bool is_absolute_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= kPathBytesMax;
}

bool is_socket_path(std::string_view text) {
  return is_absolute_path(text) && text.size() <= kSocketPathBytesMax;
}

bool is_signer(std::string_view text) {
  return text == kSpawnSigner || (take_prefix(text, "unix:") && is_socket_path(text));
}

bool is_name(std::string_view text) {
  return consists_of(text, " ._-", kNameBytesMax) && text == trim(text);
}

bool is_issuer(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter > ' ' && letter < 0x7f; });
}

bool is_account(std::string_view text) {
  return !text.empty() && text.find_first_of("*/: ") == std::string_view::npos;
}

bool is_unit_pattern(std::string_view text) {
  return text.find('/') == std::string_view::npos &&
         (text.ends_with('*') || text.find('.') != std::string_view::npos);
}

bool is_client_id(std::string_view text) { return consists_of(text, "._-", kNameBytesMax); }

bool is_host(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  const std::string_view name = text.substr(0, colon);
  return consists_of(name, ".-", kHostBytesMax) && is_alphanumeric(name.front());
}

bool is_https_url(std::string_view text) {
  if (!take_prefix(text, "https://")) return false;
  const std::size_t slash = text.find('/');
  const std::string_view path = slash == std::string_view::npos ? "/" : text.substr(slash);
  return is_host(text.substr(0, slash)) && consists_of(path, "/._-", kPathBytesMax);
}

bool is_proxy(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://", "socks5://", "socks5h://"}) {
    if (take_prefix(text, scheme)) return is_host(text);
  }
  return false;
}

bool is_date(std::string_view text) {
  constexpr std::string_view kPattern = "dddd-dd-dd";
  return std::equal(
      text.begin(), text.end(), kPattern.begin(), kPattern.end(),
      [](char letter, char wanted) { return wanted == 'd' ? is_digit(letter) : letter == wanted; });
}

bool is_new_scope(std::string_view text) {
  for (std::string_view prefix : {"admin:", "user:", "github:"}) {
    if (text.starts_with(prefix)) return false;
  }
  const auto parts = split(text, ':');
  return text.size() <= kNameBytesMax && parts.size() >= 2 && text == lower_case(text) &&
         std::all_of(parts.begin(), parts.end(),
                     [](std::string_view part) { return consists_of(part, "._-", kNameBytesMax); });
}

bool is_target(std::string_view text) {
  const auto segments = split(text, '/');
  return segments.size() <= 2 && std::all_of(segments.begin(), segments.end(), is_target_segment);
}

bool is_variable(std::string_view text) {
  return consists_of(text, "_", kNameBytesMax) && !is_digit(text.front());
}

bool is_vault_namespace(std::string_view text) { return consists_of(text, "/._-", kPathBytesMax); }

// What leaves this host must be encrypted; only there plain HTTP is as good.
bool is_metadata_url(std::string_view text) {
  if (!take_prefix(text, "http://")) return false;
  if (take_prefix(text, "[::1]") || take_prefix(text, "[fd00:ec2::254]") ||
      take_prefix(text, "[fd00:ec2::23]")) {
    return text.empty() || (take_prefix(text, ":") && is_port(text));
  }
  const std::string_view host = text.substr(0, text.find(':'));
  const auto numbers = split(host, '.');
  const bool is_address =
      numbers.size() == 4 && std::all_of(numbers.begin(), numbers.end(), [](auto number) {
        return parse_int(number).value_or(256) <= 255;
      });
  return is_address && is_host(text) && (host.starts_with("127.") || host.starts_with("169.254."));
}

bool is_local_place(std::string_view text) {
  const auto place = parse_secret_place(text);
  return place && is_local(place->scheme);
}

bool is_secret_place(std::string_view text) {
  const auto place = parse_secret_place(text);
  return place && (is_local(place->scheme) || is_fetched(place->scheme));
}

bool is_key_place(std::string_view text) { return parse_secret_place(text).has_value(); }

}  // namespace tokman
