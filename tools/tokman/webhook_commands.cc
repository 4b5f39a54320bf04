// webhook.
#include <errno.h>
#include <string.h>

#include <cstdio>

#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"

namespace tokman {
namespace {

constexpr std::size_t kBodyBytesMax = 25 * 1024 * 1024;  // GitHub posts no more.

Result<std::string> read_standard_input() {
  std::string body;
  char piece[64 * 1024];
  while (const std::size_t size = fread(piece, 1, sizeof piece, stdin)) {
    body.append(piece, size);
    if (body.size() <= kBodyBytesMax) continue;
    return Error{TOKMAN_E_INVALID_ARGUMENT, "standard input is more than a webhook can be"};
  }
  if (ferror(stdin) == 0) return body;
  return Error{TOKMAN_E_SYSTEM, std::string("reading standard input: ") + strerrordesc_np(errno)};
}

Result<int> verify(const Options& options, const std::string& body) {
  if (!options.app) return Error{TOKMAN_E_INVALID_ARGUMENT, "--app is needed", "app"};
  const json::Value parameters =
      json::Value::object().set("app", *options.app).set("signature", options.signature);
  Result<json::Value> reply =
      call_with_body(options, "io.tokman.GitHub.VerifyWebhook", parameters, body);
  if (!reply.ok()) return reply.error();
  Result<int> printed = options.json ? print_json(reply.value())
                                     : print_facts(reply.value(), {"valid", "secret_index"});
  if (!printed.ok()) return printed;
  return reply.value().find("valid").as_bool().value_or(false) ? 0 : -TOKMAN_E_SIGNATURE_INVALID;
}

Result<int> handle(const Options& options, const std::string& body) {
  json::Value parameters = json::Value::object().set("event", options.event);
  parameters.set("delivery", options.delivery).set("signature", options.signature);
  if (options.app) parameters.set("app", *options.app);
  if (options.target_id) parameters.set("target_id", *options.target_id);
  Result<json::Value> reply =
      call_with_body(options, "io.tokman.GitHub.HandleWebhook", parameters, body);
  if (!reply.ok()) return reply.error();
  if (options.json) return print_json(reply.value());
  return print_facts(reply.value(), {"app", "event", "action", "applied", "reason"});
}

}  // namespace

Result<int> run_webhook(const Options& options) {
  const Result<std::string> body = read_standard_input();
  if (!body.ok()) return body.error();
  return options.only_verifies ? verify(options, body.value()) : handle(options, body.value());
}

}  // namespace tokman
