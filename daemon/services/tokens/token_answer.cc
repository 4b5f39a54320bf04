#include "daemon/services/tokens/token_answer.h"

#include <array>

#include "libtokman/protocol/limits.h"
#include "libtokman/protocol/message.h"

namespace tokman {
namespace {

// What a frame ends in, NUL included.
constexpr std::string_view kEndings[] = {
    {"\"cache\"}}\0", 10},
    {"\"minted\"}}\0", 11},
    {"\"stale\"}}\0", 10},
};

constexpr std::string_view ending(TokenSource source) {
  return kEndings[static_cast<std::size_t>(source)];
}

}  // namespace

SecretBytes render_cached_answer(const TokenAnswer& answer) {
  json::Value parameters = json::Value::object();
  parameters.set("token", json::Value::of(answer.token));
  parameters.set("expires_at", std::int64_t{answer.expires_at.time_since_epoch().count()});
  parameters.set("minted_at", std::int64_t{answer.minted_at.time_since_epoch().count()});
  parameters.set("fingerprint", json::Value::of(answer.fingerprint));
  parameters.set("app", json::Value::of(answer.app));
  parameters.set("installation_id", answer.installation_id);
  parameters.set("permissions", answer.permissions.to_text());
  parameters.set("repositories", answer.repositories);
  parameters.set("source", "cache");
  return render_reply(parameters);
}

SecretBytes answer_with_source(const SecretBytes& cached, TokenSource source) {
  const std::string_view frame = cached.reveal();
  const std::string_view head = frame.substr(0, frame.size() - ending(TokenSource::cache).size());
  return SecretBytes::concat({head, ending(source)});
}

SecretBytes answer_to_rejection(const SecretBytes& cached, TokenSource source,
                                RejectionOutcome outcome) {
  const SecretBytes frame = answer_with_source(cached, source);
  constexpr std::string_view kEnd("}}\0", 3);
  const std::string_view head = frame.reveal().substr(0, frame.size() - kEnd.size());
  return SecretBytes::concat(
      {head, R"(,"rejection":")", rejection_outcome_name(outcome), "\"", kEnd});
}

SecretBytes token_in_answer(const SecretBytes& cached) {
  const std::string_view frame = cached.reveal();
  const Result<json::Value> message = json::parse(frame.substr(0, frame.size() - 1), kJsonDepthMax);
  if (!message.ok()) return {};
  return SecretBytes(message.value().find("parameters").find("token").as_text().value_or(""));
}

json::Value answer_without_secret(const SecretBytes& cached) {
  const std::string_view frame = cached.reveal();
  const Result<json::Value> message = json::parse(frame.substr(0, frame.size() - 1), kJsonDepthMax);
  json::Value kept = json::Value::object();
  if (!message.ok()) return kept;
  for (const auto& [name, value] : message.value().find("parameters").members()) {
    if (name != "token") kept.set(name, value);
  }
  return kept;
}

}  // namespace tokman
