// io.tokman.Clients, and what clients log in with: Authenticate and GetVerificationKeys.
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"
#include "daemon/domain/access/jwt_claims.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

using Seconds = std::optional<std::int64_t>;
using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

constexpr std::int64_t kUidMax = 4'294'967'294;  // The one above stands for none.

std::int64_t unix_seconds(UnixTime time) { return time.time_since_epoch().count(); }
UnixTime unix_time(std::int64_t seconds) { return UnixTime(std::chrono::seconds(seconds)); }

json::Value scopes_json(const ScopeNames& scopes) {
  return json::Value::of(Texts(scopes.begin(), scopes.end()));
}

json::Value client_json(const Client& client) {
  json::Value uids = json::Value::array();
  for (const uid_t uid : client.bind_uids) uids.append(json::Value::of(std::int64_t{uid}));
  json::Value value = json::Value::object().set("id", client.id);
  if (!client.owner.empty()) value.set("owner", client.owner);
  if (!client.description.empty()) value.set("description", client.description);
  value.set("scopes", scopes_json(client.scopes))
      .set("max_priority", client.max_priority)
      .set("bind_uids", uids);
  if (client.expires) value.set("expires", unix_seconds(*client.expires));
  value.set("disabled", client.is_disabled).set("has_key", !client.keys.empty());
  if (!client.keys.empty()) value.set("key_created", unix_seconds(client.keys[0].created));
  if (client.keys.size() > 1) value.set("former_key_until", unix_seconds(*client.keys[1].until));
  return value.set("created", unix_seconds(client.created))
      .set("modified", unix_seconds(client.modified))
      .set("version", client.version);
}

Result<std::vector<uid_t>> read_uids(const Numbers& numbers) {
  std::vector<uid_t> uids;
  for (const std::int64_t number : numbers) {
    if (number < 0 || number > kUidMax) {
      return Error{TOKMAN_E_INVALID_ARGUMENT, "'bind_uids' must be uids", "bind_uids"};
    }
    uids.push_back(static_cast<uid_t>(number));
  }
  return uids;
}

Clients::Target read_target(json::ObjectReader& reader) {
  Clients::Target target;
  reader.field("id", target.id).field("if_version", target.if_version);
  return target;
}

struct PutParameters {
  Clients::Target target;
  ClientChange change;
  WantedKey key;

  Result<Done> read(const json::Value& parameters) {
    std::optional<Texts> scopes;
    std::optional<Numbers> uids;
    Seconds expires;
    std::optional<bool> generate_key, no_expire;
    json::ObjectReader reader(parameters);
    target = read_target(reader);
    reader.field("key", key.given)
        .field("generate_key", generate_key)
        .field("owner", change.owner)
        .field("description", change.description)
        .field("scopes", scopes)
        .field("max_priority", change.max_priority)
        .field("bind_uids", uids)
        .field("expires", expires)
        .field("no_expire", no_expire)
        .field("disabled", change.is_disabled);
    if (Result<Done> done = reader.finish(); !done.ok()) return done;
    key.is_generated = generate_key.value_or(false);
    if (scopes) change.scopes = ScopeNames(scopes->begin(), scopes->end());
    if (Result<Done> done = read_expiry(expires, no_expire.value_or(false)); !done.ok())
      return done;
    if (!uids) return Done{};
    Result<std::vector<uid_t>> bound = read_uids(*uids);
    if (!bound.ok()) return bound.error();
    change.bind_uids = std::move(bound).value();
    return Done{};
  }

  Result<Done> read_expiry(const Seconds& expires, bool is_never) {
    if (expires && is_never) {
      return Error{TOKMAN_E_INVALID_ARGUMENT, "'expires' and 'no_expire' exclude each other",
                   "expires"};
    }
    if (expires) change.expires = unix_time(*expires);
    if (is_never) change.expires.emplace();
    return Done{};
  }
};

json::Value with_key(json::Value answer, const ChangedClient& changed) {
  if (!changed.key.empty()) answer.set("key", json::Value::of(changed.key.reveal()));
  return answer;
}

// Answers with what `make` says of the change.
template <class Make>
Clients::OnChanged reply_with(CallContext& context, Make make) {
  return [&context, make](const Result<ChangedClient>& changed) {
    if (!changed.ok()) return context.fail(changed.error());
    context.reply(make(changed.value()));
  };
}

json::Value ended_json(const ChangedClient& changed) {
  return json::Value::object().set("ended", changed.ended);
}

}  // namespace

void handle_put_client(CallContext& context) {
  PutParameters wanted;
  const Result<Done> read = wanted.read(context.call().parameters);
  if (!read.ok()) return context.fail(read.error());
  const auto answer = [](const ChangedClient& changed) {
    return with_key(
        json::Value::object().set("created", changed.is_created).set("version", changed.version),
        changed);
  };
  context.hold(context.services().clients.put(context.access_caller(), wanted.target, wanted.change,
                                              std::move(wanted.key), reply_with(context, answer)));
}

void handle_get_client(CallContext& context) {
  std::string id;
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.field("id", id).finish(); !read.ok()) {
    return context.fail(read.error());
  }
  const auto found = context.services().clients.get(context.access_caller(), id);
  if (!found.ok()) return context.fail(found.error());
  json::Value client = client_json(found.value().client).set("logins", found.value().logins);
  context.reply(json::Value::object().set("client", client));
}

void handle_list_clients(CallContext& context) {
  Seconds limit;
  std::optional<std::string> cursor;
  json::ObjectReader reader(context.call().parameters);
  reader.field("limit", limit).field("cursor", cursor);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const auto page =
      context.services().clients.list(limit.value_or(Clients::kPageDefault), cursor.value_or(""));
  if (!page.ok()) return context.fail(page.error());
  json::Value rows = json::Value::array();
  for (const Client& client : page.value().clients) rows.append(client_json(client));
  json::Value answer = json::Value::object().set("clients", rows);
  if (!page.value().next.empty()) answer.set("next", page.value().next);
  context.reply(answer);
}

void handle_rotate_client_key(CallContext& context) {
  WantedKey key;
  Seconds overlap;
  json::ObjectReader reader(context.call().parameters);
  const Clients::Target target = read_target(reader);
  reader.field("key", key.given).field("overlap", overlap);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  key.is_generated = !key.given;
  const auto answer = [](const ChangedClient& changed) {
    return with_key(json::Value::object().set("version", changed.version), changed);
  };
  context.hold(context.services().clients.rotate_key(
      context.access_caller(), target, std::move(key), std::chrono::seconds(overlap.value_or(0)),
      reply_with(context, answer)));
}

void handle_disable_client(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  const Clients::Target target = read_target(reader);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const auto answer = [](const ChangedClient& changed) {
    return ended_json(changed).set("version", changed.version);
  };
  context.hold(context.services().clients.disable(context.access_caller(), target,
                                                  reply_with(context, answer)));
}

void handle_delete_client(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  const Clients::Target target = read_target(reader);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  context.hold(context.services().clients.remove(context.access_caller(), target,
                                                 reply_with(context, ended_json)));
}

void handle_revoke_client_logins(CallContext& context) {
  std::string id;
  std::optional<std::string> jti;
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.field("id", id).field("jti", jti).finish(); !read.ok()) {
    return context.fail(read.error());
  }
  const auto answer = [](const ChangedClient& changed) {
    return json::Value::object().set("revoked", changed.ended);
  };
  context.hold(context.services().clients.revoke_logins(context.access_caller(), id, jti,
                                                        reply_with(context, answer)));
}

void handle_authenticate(CallContext& context) {
  ClientCredentials credentials;
  json::ObjectReader reader(context.call().parameters);
  reader.field("client_id", credentials.id).field("client_key", credentials.key);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const auto on_issued = [&context](const Result<IssuedLogin>& issued) {
    if (!issued.ok()) return context.fail(issued.error());
    const IssuedLogin& login = issued.value();
    context.reply(json::Value::object()
                      .set("token", json::Value::of(login.jwt.reveal()))
                      .set("token_type", "Bearer")
                      .set("expires_in", std::int64_t{kAccessJwtLifetime.count()})
                      .set("expires_at", unix_seconds(login.expires_at))
                      .set("scopes", scopes_json(login.scopes))
                      .set("max_priority", login.max_priority));
  };
  context.hold(context.services().client_logins.log_in(
      {*context.access_caller().actor.uid, context.caller().principal}, std::move(credentials),
      on_issued));
}

void handle_get_verification_keys(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  const auto on_told = [&context](const Result<VerificationKeys::Keys>& told) {
    if (!told.ok()) return context.fail(told.error());
    json::Value keys = json::Value::array();
    for (const VerificationKey& key : told.value()) {
      keys.append(json::Value::object()
                      .set("kty", "OKP")
                      .set("crv", "Ed25519")
                      .set("alg", "EdDSA")
                      .set("use", "sig")
                      .set("kid", key.kid)
                      .set("x", base64url(key.bytes)));
    }
    context.reply(json::Value::object().set("keys", keys));
  };
  context.hold(context.services().verification_keys.ask(on_told));
}

}  // namespace tokman
