// tokman-signer: holds the private keys of the GitHub Apps, and signs their JWTs for tokmand.
//
// It gives up what it does not need in this order: its memory's way to the disk and other
// processes' way into it before there is a key in it; all other system calls once it has read the
// keys, before it reads the first byte from a peer. What is not on this host is fetched by another
// process, tokman-fetcher, which is started before that.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "daemon/platform/crypto/key_memory.h"
#include "daemon/platform/linux/hardening.h"
#include "daemon/platform/linux/line_writer.h"
#include "daemon/platform/linux/sandbox.h"
#include "daemon/platform/linux/system_clock.h"
#include "daemon/platform/linux/user_names.h"
#include "daemon/platform/systemd/listen_fds.h"
#include "daemon/platform/uv/listening_socket.h"
#include "daemon/services/config/config_loader.h"
#include "daemon/signer/key_sources.h"
#include "daemon/signer/server.h"

namespace tokman {
namespace {

struct Options {
  std::string config_file = "/etc/tokman/tokman.toml";
  std::optional<int> fd;
  std::string listen_path;
  std::string peer_user;
};

Result<Done> harden(Log& log) {
  if (Result<Done> locked = use_locked_memory_for_keys(); !locked.ok()) {
    log.warning("keys may be written to swap", {{"error", locked.error().message}});
  }
  if (Result<Done> done = forbid_new_privileges(); !done.ok()) return done;
  if (Result<Done> done = forbid_memory_dumps(); !done.ok()) return done;
  return refuse_mapped_users();
}

Result<SignerService::Settings> read_settings(const std::string& config_file, KeySources& sources,
                                              Log& log) {
  const LoadedConfig loaded = load_config(config_file, ConfigReader::signer);
  if (loaded.config) {
    log.set_level(loaded.config->daemon.log_level);
    sources.begin(*loaded.config);
    return SignerService::Settings{loaded.config->apps, loaded.config->access};
  }
  std::string all;
  for (const ConfigProblem& problem : loaded.problems) {
    all += (all.empty() ? "" : "; ") + to_string(problem);
  }
  return Error{TOKMAN_E_CONFIGURATION, all};
}

// Ends with tokmand, and only then: what stops the whole service must not take the signer away
// from calls that tokmand is still answering.
Result<Done> serve_parent(int fd, Server& server) {
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) ::signal(number, SIG_IGN);
  if (Result<Done> done = end_with_parent(); !done.ok()) return done;
  server.add_connection(Fd(fd));
  return Done{};
}

Result<ListeningSocket> open_listener(const Options& options) {
  if (!options.listen_path.empty()) {
    return ListeningSocket::make({.path = options.listen_path, .mode = 0600});
  }
  Result<std::vector<InheritedFd>> inherited = take_listen_fds(process_environment());
  if (!inherited.ok()) return inherited.error();
  if (inherited.value().size() == 1) {
    return ListeningSocket::inherit(std::move(inherited.value()[0].fd));
  }
  return Error{TOKMAN_E_CONFIGURATION, "give --fd or --listen, or one socket of systemd's"};
}

Result<std::vector<uid_t>> permitted_uids(const std::string& peer_user) {
  std::vector<uid_t> uids = {0, ::geteuid()};
  if (peer_user.empty()) return uids;
  const auto uid = find_uid(peer_user);
  if (!uid) return Error{TOKMAN_E_CONFIGURATION, "there is no user '" + peer_user + "'"};
  uids.push_back(*uid);
  return uids;
}

Result<Done> run(const Options& options, Log& log) {
  // libcurl in tokmand has sockets for itself that a new program inherits.
  if (options.fd) ::close_range(static_cast<unsigned>(*options.fd) + 1, ~0U, 0);
  if (Result<Done> hardened = harden(log); !hardened.ok()) return hardened;
  const SystemClock clock;
  KeySources sources(clock, options.config_file, log);
  SignerService service(clock, log,
                        {[&] { return read_settings(options.config_file, sources, log); },
                         [&](const std::string& location) { return sources.read(location); },
                         [&](const std::string& uri) { return sources.open_token_key(uri); }});
  Server server(service, log);
  std::optional<ListeningSocket> listener;
  if (options.fd) {
    if (Result<Done> done = serve_parent(*options.fd, server); !done.ok()) return done;
  } else {
    Result<ListeningSocket> opened = open_listener(options);
    if (!opened.ok()) return within("opening the socket", opened.error());
    Result<std::vector<uid_t>> uids = permitted_uids(options.peer_user);
    if (!uids.ok()) return uids.error();
    ::signal(SIGHUP, SIG_IGN);
    listener.emplace(std::move(opened).value());
    server.listen(listener->fd(), std::move(uids).value());
  }
  if (Result<Done> loaded = service.load(); !loaded.ok()) return loaded;
  if (Result<Done> entered = enter_sandbox(sources.token_module()); !entered.ok()) return entered;
  server.run();
  return Done{};
}

}  // namespace
}  // namespace tokman

int main(int argc, char** argv) {
  tokman::json::install_wiping_allocator();
  tokman::Options options;
  CLI::App app("Signs the JWTs of GitHub Apps for tokmand, and holds their private keys.");
  app.add_option("--config", options.config_file, "The configuration file")->capture_default_str();
  auto* fd = app.add_option("--fd", options.fd, "Serve tokmand on this connected socket");
  auto* listen = app.add_option("--listen", options.listen_path,
                                "Listen at this path; without it and --fd, on systemd's socket");
  fd->excludes(listen);
  app.add_option("--peer-user", options.peer_user,
                 "Serve this user too, not only root and our own");
  CLI11_PARSE(app, argc, argv);

  tokman::BlockingLineWriter lines(STDERR_FILENO);
  tokman::Log log(lines);
  if (const auto ran = tokman::run(options, log); !ran.ok()) {
    log.error("signer cannot run", {{"error", ran.error().message}});
    return 1;
  }
  return 0;
}
