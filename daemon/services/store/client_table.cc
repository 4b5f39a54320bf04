#include "daemon/services/store/client_table.h"

#include <vector>

#include "libtokman/base/encoding.h"
#include "libtokman/base/text.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

std::int64_t seconds(UnixTime time) { return time.time_since_epoch().count(); }
UnixTime unix_time(std::int64_t seconds) { return UnixTime(std::chrono::seconds(seconds)); }

// "": what all keys begin with.
std::string login_prefix(std::string_view id) {
  return id.empty() ? std::string() : std::string(id) + '\0';
}

json::Value encode_key(const ClientKey& key) {
  json::Value value = json::Value::object();
  value.set("hash", base64(key.hash)).set("created", seconds(key.created));
  if (key.until) value.set("until", seconds(*key.until));
  return value;
}

json::Value encode_stretch(const KeyStretch& stretch) {
  return json::Value::object()
      .set("n", static_cast<std::int64_t>(stretch.n))
      .set("r", static_cast<std::int64_t>(stretch.r))
      .set("p", static_cast<std::int64_t>(stretch.p))
      .set("salt", base64(stretch.salt));
}

SecretBytes encode(const Client& client) {
  json::Value uids = json::Value::array(), keys = json::Value::array();
  for (const uid_t uid : client.bind_uids) uids.append(json::Value::of(std::int64_t{uid}));
  for (const ClientKey& key : client.keys) keys.append(encode_key(key));
  json::Value value = json::Value::object();
  value.set("owner", client.owner)
      .set("description", client.description)
      .set("scopes", std::vector<std::string>(client.scopes.begin(), client.scopes.end()))
      .set("max_priority", client.max_priority)
      .set("bind_uids", uids)
      .set("disabled", client.is_disabled)
      .set("created", seconds(client.created))
      .set("modified", seconds(client.modified))
      .set("version", client.version)
      .set("stretch", encode_stretch(client.stretch))
      .set("keys", keys);
  if (client.expires) value.set("expires", seconds(*client.expires));
  return value.dump_secret();
}

Result<ClientKey> decode_key(const json::Value& value) {
  std::string hash;
  std::int64_t created = 0;
  std::optional<std::int64_t> until;
  json::ObjectReader reader(value);
  reader.field("hash", hash).field("created", created).field("until", until);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  const auto bytes = from_base64(hash);
  if (!bytes) return Error{TOKMAN_E_STORE, "a key's hash is not base64"};
  ClientKey key{.hash = *bytes, .created = unix_time(created)};
  if (until) key.until = unix_time(*until);
  return key;
}

Result<KeyStretch> decode_stretch(const json::Value& value) {
  std::int64_t n = 0, r = 0, p = 0;
  std::string salt;
  json::ObjectReader reader(value);
  reader.field("n", n).field("r", r).field("p", p).field("salt", salt);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  return KeyStretch{static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(r),
                    static_cast<std::uint64_t>(p), from_base64(salt).value_or("")};
}

// What is no plain text or number.
struct Lists {
  std::vector<std::string> scopes;
  std::vector<std::int64_t> uids;
  json::Value stretch;
  json::Value keys;

  Result<Done> read_into(Client& client) const {
    client.scopes = {scopes.begin(), scopes.end()};
    for (const std::int64_t uid : uids) client.bind_uids.push_back(static_cast<uid_t>(uid));
    Result<KeyStretch> how = decode_stretch(stretch);
    if (!how.ok()) return how.error();
    client.stretch = std::move(how).value();
    for (const json::Value& element : keys.elements()) {
      Result<ClientKey> key = decode_key(element);
      if (!key.ok()) return key.error();
      client.keys.push_back(std::move(key).value());
    }
    return Done{};
  }
};

Result<Client> decode(std::string_view id, const SecretBytes& bytes) {
  const Result<json::Value> value = json::parse(bytes.reveal(), kJsonDepthMax);
  if (!value.ok()) return value.error();
  Client client;
  client.id = id;
  Lists lists;
  std::int64_t created = 0, modified = 0;
  std::optional<std::int64_t> expires;
  const Result<Done> read = json::ObjectReader(value.value())
                                .field("owner", client.owner)
                                .field("description", client.description)
                                .field("scopes", lists.scopes)
                                .field("max_priority", client.max_priority)
                                .field("bind_uids", lists.uids)
                                .field("expires", expires)
                                .field("disabled", client.is_disabled)
                                .field("created", created)
                                .field("modified", modified)
                                .field("version", client.version)
                                .field("stretch", lists.stretch)
                                .field("keys", lists.keys)
                                .finish();
  if (!read.ok()) return read.error();
  client.created = unix_time(created);
  client.modified = unix_time(modified);
  if (expires) client.expires = unix_time(*expires);
  if (Result<Done> done = lists.read_into(client); !done.ok()) return done.error();
  return client;
}

Result<Client> open(std::string_view id, const Result<SecretBytes>& value) {
  Result<Client> client = value.ok() ? decode(id, value.value()) : value.error();
  if (client.ok()) return client;
  return Error{TOKMAN_E_STORE, "client '" + std::string(id) +
                                   "' cannot be read from the store: " + client.error().message};
}

}  // namespace

Result<std::optional<Client>> ClientTable::find(const ReadTxn& txn, std::string_view id) const {
  Result<std::optional<SecretBytes>> value = clients_.get(txn, id);
  if (value.ok() && !value.value()) return std::optional<Client>();
  Result<Client> client =
      open(id, value.ok() ? Result<SecretBytes>(*std::move(value).value()) : value.error());
  if (!client.ok()) return client.error();
  return std::optional(std::move(client).value());
}

Result<Done> ClientTable::put(WriteTxn& txn, const Client& client) const {
  return clients_.put(txn, client.id, encode(client));
}

Result<std::int64_t> ClientTable::remove(WriteTxn& txn, std::string_view id, UnixTime now) const {
  Result<std::int64_t> ended = end_logins(txn, id, now);
  if (!ended.ok()) return ended;
  if (Result<Done> removed = clients_.remove(txn, id); !removed.ok()) return removed.error();
  return ended;
}

Result<Done> ClientTable::for_each_after(const ReadTxn& txn, std::string_view id,
                                         const Visit& visit) const {
  return clients_.for_each(txn, id, [&](std::string_view key, const Result<SecretBytes>& value) {
    return key == id || visit(key, open(key, value));
  });
}

Result<Done> ClientTable::add_login(WriteTxn& txn, std::string_view id, std::string_view jti,
                                    UnixTime until) const {
  return logins_.put(txn, login_prefix(id).append(jti),
                     SecretBytes(std::to_string(seconds(until))));
}

Result<bool> ClientTable::has_login(const ReadTxn& txn, std::string_view id,
                                    std::string_view jti) const {
  const auto row = logins_.get(txn, login_prefix(id).append(jti));
  if (!row.ok()) return row.error();
  return row.value().has_value();
}

Result<std::int64_t> ClientTable::count_logins(const ReadTxn& txn, std::string_view id,
                                               UnixTime now) const {
  std::int64_t alive = 0;
  const Result<Done> seen =
      for_each_login(txn, login_prefix(id), [&](std::string_view, UnixTime until) {
        if (now < until) ++alive;
        return true;
      });
  if (!seen.ok()) return seen.error();
  return alive;
}

Result<std::int64_t> ClientTable::end_login(WriteTxn& txn, std::string_view id,
                                            std::string_view jti, UnixTime now) const {
  const std::string wanted = login_prefix(id).append(jti);
  std::int64_t alive = 0;
  const Result<Done> seen = for_each_login(txn, wanted, [&](std::string_view key, UnixTime until) {
    if (key == wanted && now < until) alive = 1;
    return false;
  });
  if (!seen.ok()) return seen.error();
  if (Result<Done> removed = logins_.remove(txn, wanted); !removed.ok()) return removed.error();
  return alive;
}

Result<std::int64_t> ClientTable::end_logins(WriteTxn& txn, std::string_view id,
                                             UnixTime now) const {
  Result<std::int64_t> alive = count_logins(txn, id, now);
  if (!alive.ok()) return alive;
  if (Result<Done> done = sweep_logins(txn, id, UnixTime::max()); !done.ok()) return done.error();
  return alive;
}

Result<Done> ClientTable::sweep_logins(WriteTxn& txn, std::string_view id, UnixTime now) const {
  std::vector<std::string> over;
  Result<Done> done =
      for_each_login(txn, login_prefix(id), [&](std::string_view key, UnixTime until) {
        if (until <= now) over.emplace_back(key);
        return true;
      });
  for (std::size_t i = 0; done.ok() && i < over.size(); ++i) done = logins_.remove(txn, over[i]);
  return done;
}

Result<Done> ClientTable::for_each_login(const ReadTxn& txn, std::string_view prefix,
                                         const VisitLogin& visit) const {
  return logins_.for_each(txn, prefix, [&](std::string_view key, const Result<SecretBytes>& value) {
    if (!key.starts_with(prefix)) return false;
    const auto until = value.ok() ? parse_int(value.value().reveal()) : std::nullopt;
    return visit(key, unix_time(until.value_or(0)));
  });
}

}  // namespace tokman
