#include "libtokman/client/token_reply.h"

#include <algorithm>
#include <utility>

#include "libtokman/client/reply_text.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"
#include "libtokman/protocol/message.h"

namespace tokman {
namespace {

Error misunderstood(std::string what) {
  return Error{TOKMAN_E_PROTOCOL, "the daemon's answer is not understood: " + std::move(what)};
}

bool read_source(const std::string& text, tokman_source& source) {
  constexpr std::pair<std::string_view, tokman_source> kSources[] = {
      {"cache", TOKMAN_SOURCE_CACHE},
      {"minted", TOKMAN_SOURCE_MINTED},
      {"stale", TOKMAN_SOURCE_STALE}};
  for (const auto& [name, value] : kSources) {
    if (name == text) return source = value, true;
  }
  return false;
}

// The parameters of a successful answer.
Result<json::Value> parse_success(std::string_view text) {
  Result<Reply> reply = parse_reply(text);
  if (!reply.ok()) return misunderstood(reply.error().message);
  if (!reply.value().error.empty()) return error_from_reply(reply.value());
  if (reply.value().continues) return misunderstood("it announces more, which was not asked for");
  return std::move(reply).value().parameters;
}

std::string render_without_token(const json::Value& parameters) {
  json::Value rest = json::Value::object();
  for (const auto& [name, value] : parameters.members()) {
    if (name != "token") rest.set(name, value);
  }
  return rest.dump();
}

Result<TokenFacts> parse_facts(std::string_view text) {
  Result<json::Value> parameters = parse_success(text);
  if (!parameters.ok()) return parameters.error();
  TokenFacts facts;
  std::string token, source;
  json::ObjectReader reader(parameters.value());
  reader.field("token", token).field("source", source).field("fingerprint", facts.fingerprint);
  reader.field("expires_at", facts.expires_at).field("minted_at", facts.minted_at);
  if (Result<Done> read = reader.ignoring_unknown().finish(); !read.ok()) {
    return misunderstood(read.error().message);
  }
  if (!read_source(source, facts.source)) return misunderstood("'source' is not known");
  facts.json = render_without_token(parameters.value());
  return facts;
}

}  // namespace

bool is_plain_token(std::string_view token) {
  const auto is_visible = [](unsigned char byte) { return byte > ' ' && byte < 0x7f; };
  return !token.empty() && token.size() <= kTokenBytesMax &&
         token.find('\\') == std::string_view::npos &&
         std::all_of(token.begin(), token.end(), is_visible);
}

Result<TokenReply> TokenReplyReader::read(std::string_view frame) {
  const CutReply cut = cut_token(frame);
  const bool is_known = facts_ != nullptr && text_.size() == cut.before.size() + cut.after.size() &&
                        text_.starts_with(cut.before) && text_.ends_with(cut.after);
  if (!is_known) {
    std::string text = cut.without_token();
    Result<TokenFacts> facts = parse_facts(text);
    if (!facts.ok()) return facts.error();
    facts_ = std::make_shared<const TokenFacts>(std::move(facts).value());
    text_ = std::move(text);
  }
  if (!is_plain_token(cut.token)) return misunderstood("'token' is not one");
  return TokenReply{cut.token, facts_};
}

Result<LoginReply> read_login(std::string_view frame) {
  const CutReply cut = cut_token(frame);
  const Result<json::Value> parameters = parse_success(cut.without_token());
  if (!parameters.ok()) return parameters.error();
  const auto expires_in = parameters.value().find("expires_in").as_int();
  if (!expires_in) return misunderstood("'expires_in' is not a number");
  if (!is_plain_token(cut.token)) return misunderstood("'token' is not one");
  return LoginReply{cut.token, *expires_in};
}

Result<json::Value> read_reply(std::string_view frame) { return parse_success(frame); }

Result<tokman_rejection> read_rejection(const json::Value& answer) {
  constexpr std::pair<std::string_view, tokman_rejection> kReasons[] = {
      {"dropped", TOKMAN_REJECTION_DROPPED},
      {"superseded", TOKMAN_REJECTION_SUPERSEDED},
      {"replication_lag", TOKMAN_REJECTION_REPLICATION_LAG},
      {"rate_limited", TOKMAN_REJECTION_RATE_LIMITED}};
  const auto reason = answer.find("reason").as_text();
  for (const auto& [name, value] : kReasons) {
    if (reason == name) return value;
  }
  return misunderstood("'reason' is not known");
}

Result<SecretBytes> read_admin_reply(std::string_view frame) {
  Result<json::Value> parameters = parse_success(cut_token(frame).without_token());
  if (!parameters.ok()) return parameters.error();
  std::string_view text = "{}";
  if (parameters.value().exists()) text = first_value(find_member(frame, "parameters"));
  if (!text.starts_with('{')) return misunderstood("its 'parameters' are no object");
  return SecretBytes::concat({text, std::string_view("\0", 1)});
}

}  // namespace tokman
