// tokman-fetcher: fetches secrets from the network and from commands for tokman-signer.
//
// The signer starts it, before it closes its own sandbox, if a key or a secret of an app is not on
// this host. It has the network, but no bytes of callers, nothing to sign, and no key for longer
// than it takes to hand it over. It ends with the signer.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>

#include "daemon/fetcher/fetch_service.h"
#include "daemon/platform/crypto/key_memory.h"
#include "daemon/platform/http/curl_library.h"
#include "daemon/platform/linux/hardening.h"
#include "daemon/platform/linux/line_writer.h"
#include "libtokman/base/fd.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

Result<Done> harden(Log& log) {
  if (Result<Done> locked = use_locked_memory_for_keys(); !locked.ok()) {
    log.warning("secrets may be written to swap", {{"error", locked.error().message}});
  }
  if (Result<Done> done = forbid_new_privileges(); !done.ok()) return done;
  if (Result<Done> done = forbid_memory_dumps(); !done.ok()) return done;
  return end_with_parent();
}

}  // namespace
}  // namespace tokman

int main(int argc, char** argv) {
  tokman::json::install_wiping_allocator();
  std::string config_file;
  int socket = 0;
  CLI::App app("Fetches secrets for tokman-signer, which starts it.");
  app.add_option("--config", config_file, "The configuration file")->required();
  app.add_option("--fd", socket, "The signer's socket")->required();
  CLI11_PARSE(app, argc, argv);

  tokman::BlockingLineWriter lines(STDERR_FILENO);
  tokman::Log log(lines);
  if (const auto hardened = tokman::harden(log); !hardened.ok()) {
    log.error("fetcher cannot run", {{"error", hardened.error().message}});
    return 1;
  }
  // What stops the whole service must not take the fetcher away from the signer.
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) ::signal(number, SIG_IGN);
  const tokman::CurlLibrary curl;
  const tokman::Fd signer(socket);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  tokman::FetchService(config_file, log).run(socket);
  return 0;
}
