#include "daemon/services/store/database.h"

#include "daemon/platform/crypto/digest.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kSchema = "schema";
constexpr std::string_view kKeyCheck = "key-check";
constexpr std::string_view kKeyInfo = "tokman store v1";

Result<SecretBytes> derive_key(const SecretBytes& store_key) {
  std::string_view material = store_key.reveal();
  if (material.ends_with('\n')) material.remove_suffix(1);
  if (material.size() < Database::kStoreKeyBytesMin) {
    return Error{TOKMAN_E_CONFIGURATION,
                 "the store key has " + std::to_string(material.size()) + " bytes; at least " +
                     std::to_string(Database::kStoreKeyBytesMin) +
                     " are needed; make one with: openssl rand -base64 32",
                 "store.key"};
  }
  return hkdf_sha256(material, kKeyInfo, kAeadKeyBytes);
}

Error refused(tokman_error code, const std::string& folder, const std::string& what) {
  return Error{code, "the store in " + folder + " " + what};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& folder,
                                                 const SecretBytes& store_key) {
  const Result<SecretBytes> key = derive_key(store_key);
  if (!key.ok()) return key.error();
  auto environment = open_environment({.folder = folder, .tables_max = kTables.size()});
  if (!environment.ok()) return environment.error();
  std::unique_ptr<Database> database(new Database(std::move(environment).value(), key.value()));
  const Result<Done> prepared =
      database->store_.write([&](WriteTxn& txn) { return database->prepare(txn, folder); });
  if (!prepared.ok()) return prepared.error();
  return database;
}

// In one transaction: a store is either made whole or not at all.
Result<Done> Database::prepare(WriteTxn& txn, const std::string& folder) {
  if (Result<Done> opened = open_tables(txn); !opened.ok()) return opened;
  const auto schema = txn.get(in_clear(TableId::meta), kSchema);
  const auto key_check = txn.get(in_clear(TableId::meta), kKeyCheck);
  if (!schema.ok()) return schema.error();
  if (!key_check.ok()) return key_check.error();
  if (!schema.value() && !key_check.value()) return write_meta(txn);
  if (Result<Done> checked = check_version(txn, folder); !checked.ok()) return checked;
  return check_key(txn, folder);
}

Result<Done> Database::open_tables(WriteTxn& txn) {
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    const Result<Table> table = txn.open_table(kTables[i].name);
    if (!table.ok()) return table.error();
    if (kTables[i].values == Values::sealed) {
      sealed_[i].emplace(table.value(), kTables[i].name, aead_);
    }
    tables_[i] = table.value();
  }
  return Done{};
}

Result<Done> Database::check_version(const ReadTxn& txn, const std::string& folder) const {
  const auto schema = txn.get(in_clear(TableId::meta), kSchema);
  if (!schema.ok()) return schema.error();
  const auto version = schema.value() ? parse_int(*schema.value()) : std::nullopt;
  if (!version || *version < 1) {
    return refused(TOKMAN_E_STORE, folder, "is damaged: it does not say its version; move it away");
  }
  if (*version <= kSchemaVersion) return Done{};
  return refused(TOKMAN_E_STORE, folder,
                 "was written by a newer tokmand (version " + std::to_string(*version) +
                     "; this one knows " + std::to_string(kSchemaVersion) +
                     "); run that one, or move the store away");
}

Result<Done> Database::check_key(const ReadTxn& txn, const std::string& folder) {
  const auto opened = meta_sealed().get(txn, kKeyCheck);
  if (opened.ok() && opened.value()) return Done{};
  if (!opened.ok() && opened.error().code != TOKMAN_E_STORE) return opened.error();
  return refused(TOKMAN_E_CONFIGURATION, folder,
                 "was sealed with another key; restore that key, or move the store away");
}

Result<Done> Database::write_meta(WriteTxn& txn) {
  if (Result<Done> put = meta_sealed().put(txn, kKeyCheck, SecretBytes(kKeyInfo)); !put.ok()) {
    return put;
  }
  return txn.put(in_clear(TableId::meta), kSchema, std::to_string(kSchemaVersion));
}

SealedTable Database::meta_sealed() {
  return {in_clear(TableId::meta), kTables[static_cast<std::size_t>(TableId::meta)].name, aead_};
}

}  // namespace tokman
