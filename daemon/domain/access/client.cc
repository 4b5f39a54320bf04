#include "daemon/domain/access/client.h"

#include <algorithm>

#include "daemon/domain/config/text_forms.h"
#include "daemon/domain/github/token_request.h"

namespace tokman {
namespace {

constexpr std::size_t kIdBytesMax = 64;

bool is_id_character(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'z') || letter == '.' || letter == '_' ||
         letter == '-';
}

Error wrong(std::string_view field, const std::string& what) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, "'" + std::string(field) + "' " + what,
               std::string(field)};
}

Result<Done> check_text(std::string_view field, std::string_view text) {
  const bool is_printable = std::none_of(text.begin(), text.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
  });
  if (text.size() <= kClientTextBytesMax && is_printable) return Done{};
  return wrong(field, "must be at most 1024 bytes, without line ends and control characters");
}

// With room for what stands between them.
std::size_t claim_bytes(const Client& client) {
  std::size_t bytes = 0;
  for (const std::string& scope : client.scopes) bytes += scope.size() + 4;
  for (const auto& [queue, priority] : client.max_priority) bytes += queue.size() + 10;
  return bytes;
}

Result<Done> check_sizes(const Client& client) {
  if (client.bind_uids.size() > kClientUidsMax) {
    return wrong("bind_uids", "has more than " + std::to_string(kClientUidsMax) + " entries");
  }
  if (claim_bytes(client) <= kClientClaimBytesMax) return Done{};
  return wrong(client.scopes.size() > client.max_priority.size() ? "scopes" : "max_priority",
               "is too long: a client's scopes and queues have " +
                   std::to_string(kClientClaimBytesMax) + " bytes at most");
}

Result<Done> check_queue(std::string_view queue, std::int64_t priority) {
  if (queue != kAnyQueue && !is_name(queue)) {
    return wrong("max_priority", "must be by the names of apps, or \"*\"");
  }
  if (priority >= 0 && priority <= kPriorityMax) return Done{};
  return wrong("max_priority", "must be from 0 to " + std::to_string(kPriorityMax));
}

}  // namespace

bool Client::has_key(std::string_view hash, UnixTime now) const {
  bool has = false;  // All are compared, whichever fits.
  for (const ClientKey& key : keys) {
    const bool is_equal = equal_in_constant_time(key.hash, hash);
    has = has || (is_equal && key.is_good(now));
  }
  return has;
}

void Client::change_key(std::string hash, UnixTime now, std::chrono::seconds overlap) {
  std::erase_if(keys, [now](const ClientKey& key) { return !key.is_good(now); });
  keys.resize(std::min<std::size_t>(keys.size(), 1));
  if (overlap == std::chrono::seconds(0)) keys.clear();
  if (!keys.empty())
    keys[0].until = std::min(keys[0].until.value_or(UnixTime::max()), now + overlap);
  keys.insert(keys.begin(), ClientKey{.hash = std::move(hash), .created = now});
}

bool fits_client_id(std::string_view text) {
  return !text.empty() && text.size() <= kIdBytesMax && text[0] != '.' && text[0] != '_' &&
         text[0] != '-' && std::all_of(text.begin(), text.end(), is_id_character);
}

Result<Done> check_client(const Client& client) {
  if (!fits_client_id(client.id)) {
    return wrong("id",
                 "must be 1 to 64 of a-z, 0-9, '.', '_', '-', and begin with one of the first");
  }
  for (const Result<Done>& checked :
       {check_text("owner", client.owner), check_text("description", client.description),
        check_sizes(client)}) {
    if (!checked.ok()) return checked;
  }
  for (const auto& [queue, priority] : client.max_priority) {
    if (Result<Done> checked = check_queue(queue, priority); !checked.ok()) return checked;
  }
  return Done{};
}

Result<Done> check_client_key(const SecretBytes& key) {
  if (key.size() >= kClientKeyBytesMin && key.size() <= kClientKeyBytesMax) return Done{};
  return wrong("key", "must have " + std::to_string(kClientKeyBytesMin) + " to " +
                          std::to_string(kClientKeyBytesMax) + " bytes");
}

std::optional<std::string> scope_beyond(const ScopeNames& wanted, const ScopeNames& held) {
  for (const std::string& scope : wanted) {
    if (!held.contains(scope)) return scope;
  }
  return std::nullopt;
}

}  // namespace tokman
