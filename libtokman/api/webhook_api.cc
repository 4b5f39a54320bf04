// <tokman/tokman.h>: webhooks.
#include "libtokman/api/handles.h"
#include "libtokman/json/value.h"
#include "libtokman/protocol/limits.h"

namespace {

// 1, 0, or what went wrong.
tokman::Result<int> read_verdict(const tokman::SecretBytes& reply) {
  const std::string_view text = reply.reveal().data();  // Without the NUL at its end.
  const auto parsed = tokman::json::parse(text, tokman::kJsonDepthMax);
  if (!parsed.ok()) return tokman::Error{TOKMAN_E_PROTOCOL, parsed.error().message};
  const auto valid = parsed.value().find("valid").as_bool();
  if (!valid) return tokman::Error{TOKMAN_E_PROTOCOL, "the daemon's answer has no verdict"};
  return *valid ? 1 : 0;
}

}  // namespace

int tokman_verify_webhook(int* valid_out, tokman_client* client, const char* app,
                          const char* signature, const void* body, size_t size) {
  return tokman::guarded_call(client, [&](tokman::Client& self) {
    if (valid_out == nullptr || app == nullptr || signature == nullptr ||
        (body == nullptr && size > 0)) {
      return self.fail(tokman::Error{TOKMAN_E_INVALID_ARGUMENT, "an argument is NULL"});
    }
    const tokman::json::Value parameters =
        tokman::json::Value::object().set("app", app).set("signature", signature);
    const auto reply =
        self.admin_call_with_body("io.tokman.GitHub.VerifyWebhook", parameters.dump().c_str(),
                                  {static_cast<const char*>(body), size});
    if (!reply.ok()) return self.fail(reply.error());
    const auto verdict = read_verdict(reply.value());
    if (!verdict.ok()) return self.fail(verdict.error());
    *valid_out = verdict.value();
    return 0;
  });
}
