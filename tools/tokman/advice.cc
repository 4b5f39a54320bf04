#include "tools/tokman/advice.h"

#include <fmt/format.h>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

struct Advice {
  tokman_error code;
  const char* text;
};

constexpr Advice kAdvice[] = {
    {TOKMAN_E_INVALID_ARGUMENT, "How to use it: tokman --help"},
    {TOKMAN_E_NO_SUCH_METHOD,
     "Which interfaces there are: tokman call org.varlink.service.GetInfo"},
    {TOKMAN_E_SYSTEM, "Is it the right socket? Name another with --socket or $TOKMAN_SOCKET."},
    {TOKMAN_E_DAEMON_UNREACHABLE,
     "Start it (systemctl start tokmand), or name its socket with --socket or $TOKMAN_SOCKET. "
     "Why it does not start: tokmand --doctor"},
    {TOKMAN_E_TIMED_OUT, "Try again, or wait longer with --timeout."},
    {TOKMAN_E_PROTOCOL, "Is it tokmand that listens there, and of the same version?"},
    {TOKMAN_E_CONFIGURATION, "See all that is wrong with it: tokmand --check-config"},
    {TOKMAN_E_UNAUTHENTICATED, "Who you are to the daemon: tokman whoami"},
    {TOKMAN_E_DENIED, "What the daemon lets you do: tokman whoami"},
    {TOKMAN_E_CONFLICT, "Look at it again, then say what you want of its new version."},
    {TOKMAN_E_TOKEN_EXPIRED, "Log in again, or have a new token made."},
    {TOKMAN_E_DUPLICATE_NAME, "Which names are taken: tokman token list"},
    {TOKMAN_E_LIFETIME_UNSATISFIABLE, "GitHub's tokens live one hour: ask for 55m at most."},
    {TOKMAN_E_UPSTREAM_DOWN, "Is GitHub well? https://www.githubstatus.com"},
    {TOKMAN_E_SECRET_UNAVAILABLE, "What the signer does: tokman status"},
    {TOKMAN_E_APP_NOT_INSTALLED, "The owner installs it in their settings, under GitHub Apps."},
    {TOKMAN_E_INSTALLATION_SUSPENDED, "The owner resumes it in their settings, under GitHub Apps."},
    {TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE,
     "The owner adds the repository to the installation, in their settings, under GitHub Apps."},
    {TOKMAN_E_PERMISSION_NOT_GRANTED,
     "Give the app that permission in its settings; the owner has to accept it."},
    {TOKMAN_E_UPSTREAM_AUTH,
     "Compare app_id and private_keys in the configuration with the app's settings on GitHub."},
};

}  // namespace

std::string advice_for(const Error& error, const Options& options) {
  if (error.code == TOKMAN_E_DENIED && !options.target.empty()) {
    return fmt::format("Why: tokman explain {}", options.target);
  }
  if (error.retry_after) {
    return fmt::format("Try again in {}.", format_duration(*error.retry_after));
  }
  for (const auto& [code, text] : kAdvice) {
    if (code == error.code) return text;
  }
  return tokman_error_is_retryable(error.code) ? "This may pass: try again." : "";
}

}  // namespace tokman
