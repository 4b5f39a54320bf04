#pragma once
// Webhooks that callers hand in: whether GitHub signed them, and what follows from them.
//
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
//
//   body in memory ─► sealed copy ─► signer: signed? ─► parsed ─► event_actions
//                        │               │ no             │
//                        └── error ──────┴─ SIGNATURE_INVALID, INVALID_ARGUMENT
//
// What is verified and what is parsed is the same sealed copy, whatever the caller does with its
// own. Copying and parsing happen off the loop. A delivery that was handled is not handled again
// while it is remembered; one that failed is, because GitHub delivers it again under the same id.
#include <deque>
#include <functional>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/services/events/event_actions.h"
#include "daemon/services/events/webhook_payload.h"
#include "daemon/services/operations/live_config.h"
#include "daemon/services/signer/signer.h"

namespace tokman {

inline constexpr std::size_t kWebhookBytesMax = 25 * 1024 * 1024;  // GitHub sends no more.

struct WebhookDelivery {
  std::string app;        // By its name here.
  std::string event;      // X-GitHub-Event
  std::string id;         // X-GitHub-Delivery
  std::string signature;  // X-Hub-Signature-256
};

struct HandledWebhook {
  std::string action;
  bool applied = false;
  std::string reason;  // Why not.
};

class WebhookEvents {
 public:
  struct World {  // REQUIRES: all outlive this object and every Operation it gave.
    const LiveConfig& live;
    Signer& signer;
    EventActions& actions;
    Background& background;
  };

  explicit WebhookEvents(const World& world) : world_(world) {}
  WebhookEvents(const WebhookEvents&) = delete;
  WebhookEvents& operator=(const WebhookEvents&) = delete;

  // `body` is a memfd. BUSY while the bodies in progress are too many bytes.
  using OnVerdict = std::function<void(const Result<WebhookVerdict>&)>;
  [[nodiscard]] OperationPtr verify(const std::string& app, const std::string& signature, Fd body,
                                    OnVerdict callback);

  using OnHandled = std::function<void(const Result<HandledWebhook>&)>;
  [[nodiscard]] OperationPtr handle(WebhookDelivery delivery, Fd body, OnHandled callback);

 private:
  class Check;
  class Handling;

  Result<HandledWebhook> apply(const WebhookDelivery& delivery, const WebhookPayload& payload);

  World world_;
  std::size_t bytes_in_progress_ = 0;
  std::deque<std::string> handled_;  // The last deliveries, by app and id.
};

}  // namespace tokman
