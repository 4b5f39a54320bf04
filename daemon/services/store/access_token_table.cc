#include "daemon/services/store/access_token_table.h"

#include <set>

#include "daemon/platform/crypto/digest.h"
#include "daemon/services/store/big_endian.h"
#include "daemon/services/store/length_prefix.h"
#include "libtokman/base/encoding.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

std::int64_t seconds(UnixTime time) { return time.time_since_epoch().count(); }
UnixTime unix_time(std::int64_t seconds) { return UnixTime(std::chrono::seconds(seconds)); }

std::string user_part(std::string_view username) {
  return username.empty() ? std::string(kSha256Bytes, '\0') : sha256(username);
}

std::string user_key(std::string_view username, const AccessTokenInfo& info) {
  return user_part(username) + big_endian(~static_cast<std::uint64_t>(seconds(info.created))) +
         info.key;
}

std::string name_key(std::string_view username, std::string_view name) {
  return sha256(length_prefixed({username, name}));
}

std::string expiry_key(UnixTime expires, std::string_view key) {
  return big_endian(expires).append(key);
}

SecretBytes encode(const AccessTokenRecord& record) {
  const AccessTokenInfo& info = record.info;
  json::Value value = json::Value::object();
  value.set("type", json::Value::of(token_type_name(info.type)))
      .set("username", info.username)
      .set("scopes", std::vector<std::string>(info.scopes.begin(), info.scopes.end()))
      .set("created", seconds(info.created))
      .set("secret_hash", base64(record.secret_hash));
  if (!info.name.empty()) value.set("name", info.name);
  if (!info.service.empty()) value.set("service", info.service);
  if (info.expires) value.set("expires", seconds(*info.expires));
  if (!info.parent.empty()) value.set("parent", info.parent);
  if (!record.secret.empty()) value.set("secret", json::Value::of(record.secret.reveal()));
  return value.dump_secret();
}

Result<AccessTokenRecord> decode(std::string_view key, const SecretBytes& bytes) {
  const Result<json::Value> value = json::parse(bytes.reveal(), kJsonDepthMax);
  if (!value.ok()) return value.error();
  std::string type, username, secret_hash;
  std::optional<std::string> name, service, parent;
  std::optional<SecretBytes> secret;
  std::vector<std::string> scopes;
  std::int64_t created = 0;
  std::optional<std::int64_t> expires;
  const Result<Done> read = json::ObjectReader(value.value())
                                .field("type", type)
                                .field("username", username)
                                .field("scopes", scopes)
                                .field("created", created)
                                .field("secret_hash", secret_hash)
                                .field("name", name)
                                .field("service", service)
                                .field("expires", expires)
                                .field("parent", parent)
                                .field("secret", secret)
                                .finish();
  if (!read.ok()) return read.error();
  const auto known_type = parse_token_type(type);
  const auto hash = from_base64(secret_hash);
  if (!known_type || !hash || hash->size() != kSha256Bytes) {
    return Error{TOKMAN_E_STORE, "it has no known type, or no hash of its secret"};
  }
  AccessTokenRecord record;
  record.info = {.key = std::string(key),
                 .type = *known_type,
                 .username = std::move(username),
                 .name = std::move(name).value_or(""),
                 .service = std::move(service).value_or(""),
                 .scopes = {scopes.begin(), scopes.end()},
                 .created = unix_time(created),
                 .parent = std::move(parent).value_or("")};
  if (expires) record.info.expires = unix_time(*expires);
  record.secret_hash = *hash;
  if (secret) record.secret = std::move(*secret);
  return record;
}

}  // namespace

Result<std::optional<AccessTokenRecord>> AccessTokenTable::find(const ReadTxn& txn,
                                                                std::string_view key) const {
  const Result<std::optional<SecretBytes>> value = records_.get(txn, key);
  if (!value.ok()) return value.error();
  if (!value.value()) return std::optional<AccessTokenRecord>();
  Result<AccessTokenRecord> record = decode(key, *value.value());
  if (record.ok()) return std::optional(std::move(record).value());
  return Error{TOKMAN_E_STORE, "a stored access token is not readable: " + record.error().message};
}

Result<std::optional<std::string>> AccessTokenTable::find_by_name(const ReadTxn& txn,
                                                                  std::string_view username,
                                                                  std::string_view name) const {
  const auto key = txn.get(by_name_, name_key(username, name));
  if (!key.ok()) return key.error();
  if (!key.value()) return std::optional<std::string>();
  return std::optional(std::string(*key.value()));
}

Result<std::size_t> AccessTokenTable::count_of_user(const ReadTxn& txn, std::string_view username,
                                                    std::size_t most) const {
  const std::string user = user_part(username);
  std::size_t count = 0;
  const Result<Done> done =
      txn.for_each(by_user_, user, [&](std::string_view entry, std::string_view) {
        return count < most && entry.starts_with(user) && ++count != 0;
      });
  if (!done.ok()) return done.error();
  return count;
}

Result<Done> AccessTokenTable::put(WriteTxn& txn, const AccessTokenRecord& record) const {
  const auto former = find(txn, record.info.key);
  if (!former.ok()) return former.error();
  if (former.value()) {
    Result<Done> removed = remove_indices(txn, former.value()->info);
    if (!removed.ok()) return removed;
  }
  if (Result<Done> done = records_.put(txn, record.info.key, encode(record)); !done.ok()) {
    return done;
  }
  return put_indices(txn, record.info);
}

Result<Done> AccessTokenTable::remove(WriteTxn& txn, const AccessTokenInfo& info) const {
  if (Result<Done> done = remove_indices(txn, info); !done.ok()) return done;
  return records_.remove(txn, info.key);
}

std::vector<IndexEntry> AccessTokenTable::index_entries(const AccessTokenInfo& info) {
  std::vector<IndexEntry> entries = {{TableId::by_user, user_key(info.username, info)},
                                     {TableId::by_user, user_key("", info)}};
  if (!info.name.empty()) {
    entries.push_back({TableId::by_name, name_key(info.username, info.name), info.key});
  }
  if (!info.parent.empty()) entries.push_back({TableId::by_parent, info.parent + info.key});
  if (info.expires) entries.push_back({TableId::by_expiry, expiry_key(*info.expires, info.key)});
  return entries;
}

Result<Done> AccessTokenTable::put_indices(WriteTxn& txn, const AccessTokenInfo& info) const {
  for (const IndexEntry& entry : index_entries(info)) {
    Result<Done> done = txn.put(database_.in_clear(entry.table), entry.key, entry.value);
    if (!done.ok()) return done;
  }
  return Done{};
}

Result<Done> AccessTokenTable::remove_indices(WriteTxn& txn, const AccessTokenInfo& info) const {
  for (const IndexEntry& entry : index_entries(info)) {
    Result<Done> done = txn.remove(database_.in_clear(entry.table), entry.key);
    if (!done.ok()) return done;
  }
  return Done{};
}

Result<Done> AccessTokenTable::for_each_child(const ReadTxn& txn, std::string_view parent,
                                              const VisitKey& visit) const {
  return txn.for_each(by_parent_, parent, [&](std::string_view entry, std::string_view) {
    return entry.starts_with(parent) && visit(entry.substr(parent.size()));
  });
}

Result<std::vector<AccessTokenInfo>> AccessTokenTable::descendants(const ReadTxn& txn,
                                                                   std::string_view key) const {
  std::vector<std::string> keys{std::string(key)};
  std::set<std::string> known{keys.front()};  // Somebody may have bent the index into a circle.
  std::vector<AccessTokenInfo> infos;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string parent = keys[i];
    const Result<Done> done = for_each_child(txn, parent, [&](std::string_view child) {
      if (known.emplace(child).second) keys.emplace_back(child);
      return true;
    });
    if (!done.ok()) return done.error();
    if (i == 0) continue;
    auto found = find(txn, parent);
    if (found.ok() && found.value()) infos.push_back(std::move(found.value()->info));
  }
  return infos;
}

Result<Done> AccessTokenTable::for_each_expired(const ReadTxn& txn, UnixTime now,
                                                const VisitKey& visit) const {
  const std::string end = expiry_key(now + std::chrono::seconds(1), "");
  return txn.for_each(by_expiry_, "", [&](std::string_view entry, std::string_view) {
    return entry < end && visit(entry.substr(end.size()));
  });
}

Result<Done> AccessTokenTable::for_each_newest(const ReadTxn& txn, std::string_view username,
                                               std::string_view position,
                                               const VisitListed& visit) const {
  const std::string user = user_part(username);
  const std::string from = user + std::string(position);
  return txn.for_each(by_user_, from, [&](std::string_view entry, std::string_view) {
    if (!entry.starts_with(user)) return false;
    if (!position.empty() && entry == from) return true;
    auto found = find(txn, entry.substr(entry.size() - kAccessTokenPartChars));
    if (!found.ok() || !found.value()) return true;
    return visit(entry.substr(user.size()), std::move(found.value()->info));
  });
}

}  // namespace tokman
