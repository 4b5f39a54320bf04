#include "daemon/services/secrets/fetched_secrets.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "daemon/domain/config/secret_scheme.h"
#include "daemon/services/secrets/local_secret.h"

namespace tokman {
namespace {

constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(3);
constexpr std::chrono::milliseconds kRetryAfter = std::chrono::seconds(15);

void add_fetched(const std::vector<std::string>& locations, std::vector<std::string>& places) {
  for (const std::string& location : locations) {
    const auto place = parse_secret_place(location);
    if (place && is_fetched(place->scheme)) places.push_back(location);
  }
}

Error unavailable(const std::string& place, const std::string& why) {
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, place + ": " + why};
}

Result<SecretBytes> parse_answer(std::string_view packet) {
  const std::string_view rest = packet.substr(std::min<std::size_t>(packet.size(), 1));
  if (packet.starts_with(kSecretFollows)) return SecretBytes(rest);
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, std::string(rest)};
}

Result<SecretBytes> copy_of(const Result<SecretBytes>& answer) {
  if (!answer.ok()) return answer.error();
  return SecretBytes(answer.value().reveal());
}

}  // namespace

std::vector<std::string> fetched_places(const Config& config) {
  std::vector<std::string> places;
  add_fetched({config.access.jwt_key}, places);
  for (const AppConfig& app : config.apps) {
    add_fetched(app.private_keys, places);
    add_fetched(app.webhook_secrets, places);
  }
  return places;
}

void FetchedSecrets::begin(const Config& config) {
  const std::vector<std::string> places = fetched_places(config);
  std::erase_if(entries_, [&](const auto& entry) {
    return std::find(places.begin(), places.end(), entry.first) == places.end();
  });
  refresh_interval_ = config.secrets.refresh_interval;
  patience_ends_ = clock_.now() + kPatience;
  for (const std::string& place : places) ask_if_due(place, entries_[place]);
}

Result<SecretBytes> FetchedSecrets::read(const std::string& place) {
  Entry& entry = entries_[place];
  while (take_answer()) {
  }
  ask_if_due(place, entry);
  if (!entry.answer) wait_for(entry);
  if (entry.answer) return copy_of(*entry.answer);
  if (fetcher_.valid()) return unavailable(place, "is still being fetched");
  return unavailable(place, "tokman-fetcher does not run; restart tokman-signer, which starts it");
}

void FetchedSecrets::ask_if_due(const std::string& place, Entry& entry) {
  if (entry.asked || clock_.now() < entry.due || !fetcher_.valid()) return;
  const ssize_t sent =
      ::send(fetcher_.get(), place.data(), place.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;  // It has enough to do.
  if (sent < 0) return lose_fetcher();
  entry.asked = true;
  asked_.push_back(place);
}

void FetchedSecrets::wait_for(const Entry& entry) {
  while (entry.asked && fetcher_.valid()) {
    const auto left = patience_ends_ - clock_.now();
    if (left <= std::chrono::milliseconds(0)) return;
    pollfd ready{fetcher_.get(), POLLIN, 0};
    (void)::poll(&ready, 1, static_cast<int>(left.count()));
    take_answer();
  }
}

// False if there is none now.
bool FetchedSecrets::take_answer() {
  if (asked_.empty() || !fetcher_.valid()) return false;
  SecretBytes packet = SecretBytes::with_size(kSecretBytesMax + 1);
  const ssize_t size = ::recv(fetcher_.get(), packet.writable(), packet.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) {
    lose_fetcher();
    return false;
  }
  const auto found = entries_.find(asked_.front());
  asked_.pop_front();
  if (found == entries_.end()) return true;  // Not configured any more.
  Entry& entry = found->second;
  entry.answer = parse_answer(packet.reveal().substr(0, static_cast<std::size_t>(size)));
  entry.asked = false;
  const auto pause =
      entry.answer->ok() ? refresh_interval_ : std::min(refresh_interval_, kRetryAfter);
  entry.due = clock_.now() + pause;
  return true;
}

// What it answered would never change again, and would hide that.
void FetchedSecrets::lose_fetcher() {
  fetcher_.reset();
  asked_.clear();
  for (auto& [place, entry] : entries_) entry = Entry();
}

}  // namespace tokman
