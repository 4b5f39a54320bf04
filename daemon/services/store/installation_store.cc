#include "daemon/services/store/installation_store.h"

#include <memory>

#include "daemon/platform/crypto/digest.h"
#include "daemon/services/store/length_prefix.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

// Hashed: names would tell whoever reads the file where the app is installed.
std::string key_on_disk(std::string_view app, std::string_view owner) {
  return sha256(length_prefixed({app, owner}));
}

std::string change_name(const std::string& key) { return "installations:" + key; }

SecretBytes encode(const StoredInstallation& installation) {
  return json::Value::object()
      .set("id", installation.id)
      .set("account", installation.account)
      .dump_secret();
}

Result<StoredInstallation> decode(const SecretBytes& bytes) {
  const Result<json::Value> value = json::parse(bytes.reveal(), kJsonDepthMax);
  if (!value.ok()) return value.error();
  StoredInstallation installation;
  const Result<Done> read = json::ObjectReader(value.value())
                                .field("id", installation.id)
                                .field("account", installation.account)
                                .finish();
  if (!read.ok()) return read.error();
  return installation;
}

}  // namespace

std::optional<StoredInstallation> InstallationStore::find(std::string_view app,
                                                          std::string_view owner) {
  const std::string key = key_on_disk(app, owner);
  if (writer_.is_pending(change_name(key))) return std::nullopt;
  Result<std::optional<StoredInstallation>> found = read(key);
  if (found.ok()) return std::move(found).value();
  log_.warning(
      "stored installation dropped",
      {{"app", std::string(app)}, {"owner", std::string(owner)}, {"error", found.error().message}});
  drop(app, owner);
  return std::nullopt;
}

void InstallationStore::put(std::string_view app, std::string_view owner,
                            const StoredInstallation& installation) {
  const std::string key = key_on_disk(app, owner);
  const auto value = std::make_shared<const SecretBytes>(encode(installation));
  add({.name = change_name(key), .apply = [&table = table_, key, value](WriteTxn& txn) {
         return table.put(txn, key, *value);
       }});
}

void InstallationStore::drop(std::string_view app, std::string_view owner) {
  const std::string key = key_on_disk(app, owner);
  add({.name = change_name(key),
       .apply = [&table = table_, key](WriteTxn& txn) { return table.remove(txn, key); }});
}

Result<std::optional<StoredInstallation>> InstallationStore::read(const std::string& key) {
  const Result<std::optional<SecretBytes>> value =
      store_.read([&](const ReadTxn& txn) { return table_.get(txn, key); });
  if (!value.ok()) return value.error();
  if (!value.value()) return std::optional<StoredInstallation>();
  Result<StoredInstallation> installation = decode(*value.value());
  if (!installation.ok()) return installation.error();
  return std::optional(std::move(installation).value());
}

void InstallationStore::add(StoreChange change) {
  if (Result<Done> added = writer_.add(std::move(change)); !added.ok()) {
    log_.warning("installation not stored", {{"error", added.error().message}});
  }
}

}  // namespace tokman
