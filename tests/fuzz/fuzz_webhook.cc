// What is posted as a webhook. The first byte says which event it is said to be.
#include "daemon/domain/github/token_request.h"
#include "daemon/services/events/webhook_payload.h"
#include "tests/fuzz/check.h"

namespace {

constexpr std::string_view kEvents[] = {"installation", "installation_repositories",
                                        "installation_target", "repository", "organization"};

bool is_name(const std::string& name) { return name.empty() || tokman::is_github_name(name); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view event = kEvents[data[0] % std::size(kEvents)];
  const auto parsed = tokman::parse_webhook(event, tokman::as_text(data + 1, size - 1));
  if (!parsed.ok()) return 0;
  const tokman::WebhookEvent& read = parsed.value().event;
  tokman::must_hold(is_name(read.owner) && is_name(read.former_owner));
  tokman::must_hold(read.repositories.size() <= tokman::kRepositoriesMax);
  for (const std::string& name : read.repositories) tokman::must_hold(is_name(name));
  return 0;
}
