#include "daemon/fetcher/fetch_service.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>

#include "daemon/services/config/config_loader.h"
#include "daemon/services/secrets/fetched_secrets.h"
#include "daemon/services/secrets/secret_sources.h"

namespace tokman {
namespace {

constexpr std::size_t kPlaceBytesMax = 8192;

SecretBytes render_answer(const Result<SecretBytes>& secret) {
  if (!secret.ok()) {
    return SecretBytes::concat({std::string_view(&kErrorFollows, 1), secret.error().message});
  }
  return SecretBytes::concat({std::string_view(&kSecretFollows, 1), secret.value().reveal()});
}

// What is left where deeper calls had their variables: libraries read answers into buffers there.
[[gnu::noinline]] void wipe_unused_stack() {
  char unused[256 * 1024];
  wipe_memory(unused, sizeof unused);
}

}  // namespace

void FetchService::run(int socket) {
  for (;;) {
    char place[kPlaceBytesMax];
    const ssize_t size = ::recv(socket, place, sizeof place, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    const SecretBytes answer = render_answer(fetch({place, static_cast<std::size_t>(size)}));
    if (::send(socket, answer.reveal().data(), answer.size(), MSG_NOSIGNAL) < 0) return;
    wipe_unused_stack();
  }
}

Result<SecretBytes> FetchService::fetch(const std::string& place) {
  read_config();
  if (!config_) return Error{TOKMAN_E_CONFIGURATION, "the configuration has mistakes"};
  const std::vector<std::string> places = fetched_places(*config_);
  if (std::find(places.begin(), places.end(), place) == places.end()) {
    log_.warning("place refused", {{"place", place}});
    return Error{TOKMAN_E_SECRET_UNAVAILABLE, "the configuration does not name this place"};
  }
  Result<SecretBytes> secret = read_secret(place, config_->secrets);
  log_.debug(secret.ok() ? "secret fetched" : "secret not fetched", {{"place", place}});
  return secret;
}

void FetchService::read_config() {
  LoadedConfig loaded = load_config(config_file_, ConfigReader::signer);
  if (!loaded.config) return;
  config_ = std::move(loaded.config);
  log_.set_level(config_->daemon.log_level);
}

}  // namespace tokman
