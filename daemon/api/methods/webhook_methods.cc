// io.tokman.GitHub: webhooks, which some receiver hands in as it got them.
#include <algorithm>

#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"
#include "libtokman/base/memory_file.h"

namespace tokman {
namespace {

// What was given as text becomes a memfd too: then there is one way on.
Result<Fd> take_body(CallContext& context, const std::optional<std::string>& inline_body) {
  Fd descriptor = context.take_descriptor();
  if (descriptor.valid() == inline_body.has_value()) {
    return Error{TOKMAN_E_INVALID_ARGUMENT,
                 "'body' is needed, either as text or as a memfd sent with the call", "body"};
  }
  if (descriptor.valid()) return descriptor;
  return make_memory_file(*inline_body);
}

Result<std::string> find_app(const CallContext& context, const std::optional<std::string>& name,
                             std::optional<std::int64_t> target_id) {
  if (name) return *name;
  std::vector<std::string> fitting;
  for (const AppConfig& app : context.services().live.config().apps) {
    if (!target_id || app.app_id == *target_id) fitting.push_back(app.name);
  }
  if (fitting.size() == 1) return fitting.front();
  return Error{TOKMAN_E_INVALID_ARGUMENT, "'app' is needed to tell which app is meant", "app"};
}

Result<Done> check_app(const CallContext& context, const std::string& app) {
  const LiveConfig& live = context.services().live;
  if (live.config().find_app(app) != nullptr &&
      live.policy().gives_app(context.caller().subject, Scope::github_webhook, app)) {
    return Done{};
  }
  return Error{TOKMAN_E_DENIED, "policy does not allow webhooks of app '" + app + "'", "app"};
}

void answer_verdict(CallContext& context, const Result<WebhookVerdict>& verdict) {
  if (!verdict.ok()) return context.fail(verdict.error());
  json::Value answer = json::Value::object().set("valid", verdict.value().is_valid);
  if (verdict.value().secret_index) answer.set("secret_index", *verdict.value().secret_index);
  context.reply(answer);
}

void answer_handled(CallContext& context, const WebhookDelivery& delivery,
                    const Result<HandledWebhook>& handled) {
  if (!handled.ok()) return context.fail(handled.error());
  json::Value answer = json::Value::object();
  answer.set("app", delivery.app).set("event", delivery.event);
  answer.set("action", handled.value().action).set("applied", handled.value().applied);
  if (!handled.value().reason.empty()) answer.set("reason", handled.value().reason);
  context.reply(answer);
}

}  // namespace

void handle_verify_webhook(CallContext& context) {
  std::string app, signature;
  std::optional<std::string> inline_body;
  json::ObjectReader reader(context.call().parameters);
  reader.field("app", app).field("signature", signature).field("body", inline_body);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  if (Result<Done> allowed = check_app(context, app); !allowed.ok()) {
    return context.fail(allowed.error());
  }
  Result<Fd> body = take_body(context, inline_body);
  if (!body.ok()) return context.fail(body.error());
  context.hold(context.services().webhooks.verify(
      app, signature, std::move(body).value(),
      [&context](const Result<WebhookVerdict>& verdict) { answer_verdict(context, verdict); }));
}

void handle_handle_webhook(CallContext& context) {
  WebhookDelivery delivery;
  std::optional<std::string> name, inline_body;
  std::optional<std::int64_t> target_id;
  json::ObjectReader reader(context.call().parameters);
  reader.field("app", name).field("target_id", target_id).field("event", delivery.event);
  reader.field("delivery", delivery.id).field("signature", delivery.signature);
  reader.field("body", inline_body);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const Result<std::string> app = find_app(context, name, target_id);
  if (!app.ok()) return context.fail(app.error());
  if (Result<Done> allowed = check_app(context, app.value()); !allowed.ok()) {
    return context.fail(allowed.error());
  }
  Result<Fd> body = take_body(context, inline_body);
  if (!body.ok()) return context.fail(body.error());
  delivery.app = app.value();
  context.hold(context.services().webhooks.handle(
      delivery, std::move(body).value(),
      [&context, delivery](const Result<HandledWebhook>& handled) {
        answer_handled(context, delivery, handled);
      }));
}

}  // namespace tokman
