#pragma once
// The JSON that GitHub posts, down to what matters here.
//
// Read leniently, since GitHub adds members as it likes; what is missing is "not said". Names that
// GitHub cannot have are errors. Bounded in depth; the size is the caller's to bound.
#include <optional>
#include <string_view>

#include "daemon/domain/github/webhook_event.h"
#include "libtokman/base/result.h"

namespace tokman {

struct WebhookPayload {
  WebhookEvent event;
  std::optional<std::int64_t> app_id;  // Whose installation it is, where that is said.
};

// `event_name` is X-GitHub-Event.
Result<WebhookPayload> parse_webhook(std::string_view event_name, std::string_view body);

}  // namespace tokman
