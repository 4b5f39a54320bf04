#pragma once
// The forms a text in the configuration can have: each a question, and its answer in words.
#include <string_view>

#include "daemon/domain/config/secret_scheme.h"

namespace tokman {

constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
constexpr bool is_alphanumeric(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool is_absolute_path(std::string_view text);
bool is_socket_path(std::string_view text);
bool is_signer(std::string_view text);
bool is_name(std::string_view text);
bool is_account(std::string_view text);
bool is_unit_pattern(std::string_view text);
bool is_client_id(std::string_view text);
bool is_host(std::string_view text);
bool is_https_url(std::string_view text);
bool is_issuer(std::string_view text);
bool is_proxy(std::string_view text);
bool is_date(std::string_view text);
bool is_new_scope(std::string_view text);  // In form, and none that tokman keeps to itself.
bool is_target(std::string_view text);
bool is_variable(std::string_view text);
bool is_vault_namespace(std::string_view text);
bool is_metadata_url(std::string_view text);
bool is_local_place(std::string_view text);
bool is_secret_place(std::string_view text);
bool is_key_place(std::string_view text);

struct TextForm {
  bool (*fits)(std::string_view text);
  std::string_view words;  // It "must be ...".
};

inline constexpr TextForm kAbsolutePath{is_absolute_path, "an absolute path"};
inline constexpr TextForm kSocketPath{is_socket_path, "an absolute path of at most 107 bytes"};
inline constexpr TextForm kSigner{is_signer, "\"spawn\" or \"unix:/path/of/a/socket\""};
inline constexpr TextForm kName{is_name, "at most 64 letters, digits, spaces and '.', '_', '-'"};
inline constexpr TextForm kEnvironment{is_name,
                                       "a name; the tables to choose from are [environments.NAME]"};
inline constexpr TextForm kAccount{is_account, "a name, not a pattern"};
inline constexpr TextForm kUnitPattern{is_unit_pattern,
                                       "a unit with its suffix, such as \"worker@*.service\""};
inline constexpr TextForm kProgramPattern{is_absolute_path, "an absolute path; '*' ends at '/'"};
inline constexpr TextForm kClientId{is_client_id, "a client id, such as \"Iv23abcdef\""};
inline constexpr TextForm kHost{is_host, "a host, such as \"github.com\""};
inline constexpr TextForm kIssuer{is_issuer, "1 to 128 printable ASCII characters without spaces"};
inline constexpr TextForm kHttpsUrl{is_https_url, "an https:// address without user or query"};
inline constexpr TextForm kProxy{is_proxy,
                                 "http://, https://, socks5:// or socks5h:// and HOST[:PORT]"};
inline constexpr TextForm kDate{is_date, "a date, such as \"2022-11-28\""};
inline constexpr TextForm kTarget{is_target, "\"owner/repository\" or \"owner\"; '*' ends at '/'"};
inline constexpr TextForm kVariable{is_variable, "the name of a variable of the environment"};
inline constexpr TextForm kMetadataUrl{
    is_metadata_url, "http:// and 127.0.0.1, [::1] or a link-local address, with [:PORT]"};
inline constexpr TextForm kVaultNamespace{is_vault_namespace,
                                          "letters, digits and '/', '.', '_', '-'"};
inline constexpr TextForm kLocalPlace{is_local_place, kLocalPlaceForm};
inline constexpr TextForm kSecretPlace{is_secret_place, kSecretPlaceForm};
inline constexpr TextForm kKeyPlace{is_key_place, kKeyPlaceForm};

}  // namespace tokman
