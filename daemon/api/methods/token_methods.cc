// io.tokman.Access: access tokens, made, looked at, changed and ended.
#include "daemon/api/access_token_json.h"
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

using Seconds = std::optional<std::int64_t>;
using Texts = std::vector<std::string>;

Error invalid(std::string field, std::string message) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::move(field)};
}

ScopeNames scope_names(const Texts& texts) { return {texts.begin(), texts.end()}; }

WantedExpiry wanted_expiry(const Seconds& expires, const std::optional<bool>& no_expire) {
  WantedExpiry wanted;
  if (expires) wanted.at = UnixTime(std::chrono::seconds(*expires));
  if (no_expire.value_or(false)) wanted.never = NoExpiry::yes;
  return wanted;
}

Result<TokenType> read_type(const std::string& name, const char* field) {
  if (const auto type = parse_token_type(name)) return *type;
  return invalid(field, "there is no token type '" + name + "'");
}

AccessTokens& tokens_of(const CallContext& context) { return context.services().access_tokens; }

// The one answer that shows a token.
AccessTokens::OnIssued reply_token(CallContext& context) {
  return [&context](const Result<IssuedToken>& issued) {
    if (!issued.ok()) return context.fail(issued.error());
    context.reply(json::Value::object()
                      .set("token", json::Value::of(issued.value().token.reveal()))
                      .set("info", access_token_json(issued.value().info)));
  };
}

// What a token is, until it expires or any credential ends or changes.
class KnownData final : public KnownAnswer {
 public:
  // REQUIRES: services outlive this object.
  KnownData(const Services& services, SecretBytes frame, std::optional<UnixTime> expires)
      : services_(services),
        frame_(std::move(frame)),
        epoch_(services.credential_epoch.value()),
        expires_(expires) {}

  bool is_good() override {
    return epoch_ == services_.credential_epoch.value() &&
           (!expires_ || services_.clock.unix_now() < *expires_);
  }
  std::string_view give(const Caller&) override { return frame_.reveal(); }

 private:
  const Services& services_;
  SecretBytes frame_;
  std::uint64_t epoch_;
  std::optional<UnixTime> expires_;
};

void reply_info(CallContext& context, const Result<AccessTokenInfo>& info) {
  if (!info.ok()) return context.fail(info.error());
  context.reply(json::Value::object().set("info", access_token_json(info.value())));
}

void get_child_token(CallContext& context, ChildTokenRequest request, Seconds minimum_lifetime) {
  if (minimum_lifetime) request.minimum_lifetime = std::chrono::seconds(*minimum_lifetime);
  context.hold(tokens_of(context).get_child_token(context.access_caller(), std::move(request),
                                                  reply_token(context)));
}

Result<OnMissingScope> read_on_missing_scope(const std::optional<std::string>& word) {
  if (!word || *word == "error") return OnMissingScope::error;
  if (*word == "drop") return OnMissingScope::drop;
  return invalid("on_missing_scope", "'on_missing_scope' must be 'error' or 'drop'");
}

// What an administrator does is in the audit log too, beside the history.
void note_act(const CallContext& context) {
  context.services().audit.acted(context.caller().principal, context.call().method);
}

}  // namespace

void handle_create_session_token(CallContext& context) {
  std::optional<Texts> scopes;
  json::ObjectReader reader(context.call().parameters);
  reader.field("scopes", scopes);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  std::optional<ScopeNames> wanted;
  if (scopes) wanted = scope_names(*scopes);
  context.hold(tokens_of(context).create_session_token(context.access_caller(), wanted,
                                                       reply_token(context)));
}

void handle_create_user_token(CallContext& context) {
  UserTokenRequest request;
  Texts scopes;
  Seconds expires;
  std::optional<bool> no_expire;
  json::ObjectReader reader(context.call().parameters);
  reader.field("name", request.name)
      .field("scopes", scopes)
      .field("expires", expires)
      .field("no_expire", no_expire);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  request.scopes = scope_names(scopes);
  request.expiry = wanted_expiry(expires, no_expire);
  context.hold(
      tokens_of(context).create_user_token(context.access_caller(), request, reply_token(context)));
}

void handle_create_token_from_admin_request(CallContext& context) {
  AdminTokenRequest request;
  std::string type;
  std::optional<std::string> name;
  Texts scopes;
  Seconds expires;
  std::optional<bool> no_expire;
  json::ObjectReader reader(context.call().parameters);
  reader.field("username", request.username)
      .field("type", type)
      .field("name", name)
      .field("scopes", scopes)
      .field("expires", expires)
      .field("no_expire", no_expire);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const Result<TokenType> known = read_type(type, "type");
  if (!known.ok()) return context.fail(known.error());
  request.type = known.value();
  request.name = name.value_or("");
  request.scopes = scope_names(scopes);
  request.expiry = wanted_expiry(expires, no_expire);
  note_act(context);
  context.hold(tokens_of(context).create_token_from_admin_request(context.access_caller(), request,
                                                                  reply_token(context)));
}

void handle_get_notebook_token(CallContext& context) {
  Seconds minimum_lifetime;
  json::ObjectReader reader(context.call().parameters);
  reader.field("minimum_lifetime", minimum_lifetime);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  get_child_token(context, {.type = TokenType::notebook}, minimum_lifetime);
}

void handle_get_internal_token(CallContext& context) {
  ChildTokenRequest request{.type = TokenType::internal};
  Texts scopes;
  Seconds minimum_lifetime;
  std::optional<std::string> on_missing_scope;
  json::ObjectReader reader(context.call().parameters);
  reader.field("service", request.service)
      .field("scopes", scopes)
      .field("minimum_lifetime", minimum_lifetime)
      .field("on_missing_scope", on_missing_scope);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const Result<OnMissingScope> known = read_on_missing_scope(on_missing_scope);
  if (!known.ok()) return context.fail(known.error());
  request.on_missing_scope = known.value();
  request.scopes = scope_names(scopes);
  get_child_token(context, std::move(request), minimum_lifetime);
}

void handle_create_oidc_token(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  get_child_token(context, {.type = TokenType::oidc}, std::nullopt);
}

void handle_get_data(CallContext& context) {
  SecretBytes token;
  json::ObjectReader reader(context.call().parameters);
  reader.field("token", token);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const auto info = tokens_of(context).get_data(token.reveal());
  json::Value answer = json::Value::object().set("active", info.has_value());
  if (!info) return context.reply(answer);
  answer.set("data", access_token_json(*info));
  context.remember(
      std::make_unique<KnownData>(context.services(), render_reply(answer), info->expires),
      Scope::none);
  context.reply(answer);
}

void handle_get_token_info(CallContext& context) {
  std::optional<std::string> key;
  std::optional<std::string> username;
  json::ObjectReader reader(context.call().parameters);
  reader.field("key", key).field("username", username);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const AccessCaller caller = context.access_caller();
  if (key) return reply_info(context, tokens_of(context).get_token_info(caller, *key, username));
  if (username) return context.fail(invalid("key", "'key' is missing, beside 'username'"));
  if (caller.token) return reply_info(context, *caller.token);
  context.fail(
      Error{TOKMAN_E_UNAUTHENTICATED, "without 'key', a token is needed in 'auth'", "auth"});
}

void handle_list_access_tokens(CallContext& context) {
  TokenListRequest request;
  std::optional<bool> all;
  std::optional<Texts> types;
  json::ObjectReader reader(context.call().parameters);
  reader.field("username", request.username)
      .field("all", all)
      .field("types", types)
      .field("limit", request.limit)
      .field("cursor", request.cursor);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  request.all = all.value_or(false);
  for (const std::string& name : types.value_or(Texts())) {
    const Result<TokenType> type = read_type(name, "types");
    if (!type.ok()) return context.fail(type.error());
    request.types.insert(type.value());
  }
  context.hold(tokens_of(context).list_tokens(
      context.access_caller(), request, [&context](const Result<TokenPage>& page) {
        if (!page.ok()) return context.fail(page.error());
        json::Value list = json::Value::array();
        for (const AccessTokenInfo& info : page.value().tokens)
          list.append(access_token_json(info));
        json::Value answer = json::Value::object().set("tokens", list);
        if (!page.value().next.empty()) answer.set("next", page.value().next);
        context.reply(answer);
      }));
}

void handle_modify_token(CallContext& context) {
  std::string key;
  std::optional<std::string> username;
  TokenEdit edit;
  std::optional<Texts> scopes;
  Seconds expires;
  std::optional<bool> no_expire;
  json::ObjectReader reader(context.call().parameters);
  reader.field("key", key)
      .field("username", username)
      .field("name", edit.name)
      .field("scopes", scopes)
      .field("expires", expires)
      .field("no_expire", no_expire);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  if (scopes) edit.scopes = scope_names(*scopes);
  edit.expiry = wanted_expiry(expires, no_expire);
  note_act(context);
  context.hold(tokens_of(context).modify_token(
      context.access_caller(), key, username, edit,
      [&context](const Result<AccessTokenInfo>& info) { reply_info(context, info); }));
}

void handle_delete_token(CallContext& context) {
  std::string key;
  std::optional<std::string> username;
  json::ObjectReader reader(context.call().parameters);
  reader.field("key", key).field("username", username);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  note_act(context);
  context.hold(tokens_of(context).delete_token(
      context.access_caller(), key, username, [&context](const Result<std::int64_t>& deleted) {
        if (!deleted.ok()) return context.fail(deleted.error());
        context.reply(json::Value::object().set("deleted", deleted.value()));
      }));
}

}  // namespace tokman
