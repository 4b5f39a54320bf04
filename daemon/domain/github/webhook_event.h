#pragma once
// What GitHub's webhooks mean for what tokman remembers.
//
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
// Deliveries come late, twice, out of order, or not at all. So none of these actions gives anything
// to anyone: each makes tokman forget something, or look again, and GitHub's answer then counts.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tokman {

// The part of a delivery that matters. Names are in lower case; "" and 0 stand for "not said".
struct WebhookEvent {
  std::string event;  // "installation"
  std::string action;
  std::int64_t installation_id = 0;
  std::string owner = {};                      // Whose installation or repository it is now.
  std::string former_owner = {};               // Before it was renamed or transferred.
  std::vector<std::string> repositories = {};  // Those that change, by the names they had.
};

enum class CacheAction : std::uint8_t {
  learn_installation,   // The owner has this installation.
  forget_installation,  // The owner has it no longer.
  forget_former_owner,  // Nobody is called so now.
  drop_tokens,          // All of the installation.
  drop_tokens_of_repositories,
  drop_tokens_of_former_owner,  // For these repositories.
  renew_tokens,                 // When they are next used; until then they serve.
  clear_refusals,               // Of the owner: what GitHub refused may be right now.
  look_again,                   // Ask GitHub how the installation is.
};

// To add an event: a row in webhook_event.cc. Nothing for events that change nothing here.
std::span<const CacheAction> actions_for(std::string_view event, std::string_view action);

// As the log has it: "drop_tokens".
std::string_view cache_action_name(CacheAction action);

}  // namespace tokman
