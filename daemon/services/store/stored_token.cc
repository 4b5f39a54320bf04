#include "daemon/services/store/stored_token.h"

#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

std::int64_t seconds(UnixTime time) { return time.time_since_epoch().count(); }
UnixTime unix_time(std::int64_t seconds) { return UnixTime(std::chrono::seconds(seconds)); }

}  // namespace

SecretBytes encode(const StoredToken& stored) {
  return json::Value::object()
      .set("token", stored.token.reveal())
      .set("app", stored.app)
      .set("installation_id", stored.installation_id)
      .set("owner", stored.owner)
      .set("permissions", stored.granted.to_text())
      .set("repositories", stored.granted_repositories)
      .set("expires_at", seconds(stored.expires_at))
      .set("minted_at", seconds(stored.minted_at))
      .set("fingerprint", stored.fingerprint)
      .dump_secret();
}

Result<StoredToken> decode_stored_token(const SecretBytes& bytes) {
  const Result<json::Value> value = json::parse(bytes.reveal(), kJsonDepthMax);
  if (!value.ok()) return value.error();
  StoredToken stored;
  std::map<std::string, std::string> permissions;
  std::int64_t expires_at = 0;
  std::int64_t minted_at = 0;
  const Result<Done> read = json::ObjectReader(value.value())
                                .field("token", stored.token)
                                .field("app", stored.app)
                                .field("installation_id", stored.installation_id)
                                .field("owner", stored.owner)
                                .field("permissions", permissions)
                                .field("repositories", stored.granted_repositories)
                                .field("expires_at", expires_at)
                                .field("minted_at", minted_at)
                                .field("fingerprint", stored.fingerprint)
                                .finish();
  if (!read.ok()) return read.error();
  Result<Permissions> granted = Permissions::parse(permissions);
  if (!granted.ok()) return granted.error();
  stored.granted = std::move(granted).value();
  stored.expires_at = unix_time(expires_at);
  stored.minted_at = unix_time(minted_at);
  return stored;
}

}  // namespace tokman
