#include "daemon/services/store/database.h"

#include "daemon/platform/crypto/digest.h"
#include "daemon/services/store/store_v1.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kSchema = "schema";
constexpr std::string_view kSealingInfo = "tokman store v2";
constexpr DataKeys::Number kFirstDataKey = 1;

Result<SecretBytes> derive_key(const SecretBytes& store_key, std::string_view info,
                               const std::string& field) {
  std::string_view material = store_key.reveal();
  if (material.ends_with('\n')) material.remove_suffix(1);
  if (material.size() < Database::kStoreKeyBytesMin) {
    return Error{TOKMAN_E_CONFIGURATION,
                 "the store key has " + std::to_string(material.size()) + " bytes; at least " +
                     std::to_string(Database::kStoreKeyBytesMin) +
                     " are needed; make one with: openssl rand -base64 32",
                 field};
  }
  return hkdf_sha256(material, info, kAeadKeyBytes);
}

Error refused(tokman_error code, const std::string& folder, const std::string& what) {
  return Error{code, "the store in " + folder + " " + what};
}

Error sealed_otherwise(const std::string& folder, std::size_t previous_keys) {
  const std::string others = previous_keys == 0 ? "" : ", nor with any in store.previous_keys";
  return refused(TOKMAN_E_CONFIGURATION, folder,
                 "was sealed with another key: it does not open with store.key" + others +
                     "; name the key it was sealed with in store.previous_keys, or move the "
                     "store away");
}

Result<std::int64_t> read_version(const ReadTxn& txn, Table meta, const std::string& folder) {
  const auto schema = txn.get(meta, kSchema);
  if (!schema.ok()) return schema.error();
  const auto version = schema.value() ? parse_int(*schema.value()) : std::nullopt;
  if (!version || *version < 1) {
    return refused(TOKMAN_E_STORE, folder, "is damaged: it does not say its version; move it away");
  }
  if (*version <= kSchemaVersion) return *version;
  return refused(TOKMAN_E_STORE, folder,
                 "was written by a newer tokmand (version " + std::to_string(*version) +
                     "; this one knows " + std::to_string(kSchemaVersion) +
                     "); run that one, or move the store away");
}

}  // namespace

// What it takes to open a store: the keys made from the store key, and then from the previous ones.
struct Database::Opening {
  const std::string& folder;
  std::vector<SecretBytes> sealing_keys = {};
  std::vector<SecretBytes> v1_keys = {};

  Result<Done> derive(const SecretBytes& store_key, const std::string& field) {
    Result<SecretBytes> sealing = derive_key(store_key, kSealingInfo, field);
    if (!sealing.ok()) return sealing.error();
    Result<SecretBytes> v1 = derive_key(store_key, store_v1::kKeyInfo, field);
    if (!v1.ok()) return v1.error();
    sealing_keys.push_back(std::move(sealing).value());
    v1_keys.push_back(std::move(v1).value());
    return Done{};
  }

  Result<Done> derive_all(const StoreKeys& keys) {
    Result<Done> derived = derive(keys.key, "store.key");
    for (const SecretBytes& previous : keys.previous) {
      if (derived.ok()) derived = derive(previous, "store.previous_keys");
    }
    return derived;
  }
};

Result<std::unique_ptr<Database>> Database::open(const std::string& folder, const StoreKeys& keys) {
  Opening opening{folder};
  if (Result<Done> derived = opening.derive_all(keys); !derived.ok()) return derived.error();
  auto database = make(opening);
  if (!database.ok()) return database;
  const Result<Done> prepared = database.value()->store_.write(
      [&](WriteTxn& txn) { return database.value()->prepare(txn, opening, Missing::made); });
  if (!prepared.ok()) return prepared.error();
  return database;
}

Result<Done> Database::check(const std::string& folder, const StoreKeys& keys) {
  Opening opening{folder};
  if (Result<Done> derived = opening.derive_all(keys); !derived.ok()) return derived;
  const auto database = make(opening);
  if (!database.ok()) return database.error();
  Result<Done> prepared = Done{};
  const Error undo{TOKMAN_E_STORE, "undone"};
  (void)database.value()->store_.write([&](WriteTxn& txn) -> Result<Done> {
    prepared = database.value()->prepare(txn, opening, Missing::refused);
    return undo;
  });
  return prepared;
}

Result<std::unique_ptr<Database>> Database::make(const Opening& opening) {
  auto environment = open_environment({.folder = opening.folder, .tables_max = kTables.size()});
  if (!environment.ok()) return environment.error();
  return std::unique_ptr<Database>(
      new Database(std::move(environment).value(), opening.sealing_keys.front()));
}

// In one transaction: a store is either made whole or not at all. It may run again.
Result<Done> Database::prepare(WriteTxn& txn, const Opening& opening, Missing missing) {
  if (Result<Done> opened = open_tables(txn); !opened.ok()) return opened;
  data_keys_.clear();
  const Result<std::size_t> rows = txn.count(in_clear(TableId::meta));
  if (!rows.ok()) return rows.error();
  if (rows.value() == 0 && missing == Missing::made) return make_new(txn);
  const auto version = read_version(txn, in_clear(TableId::meta), opening.folder);
  if (!version.ok()) return version.error();
  if (version.value() == store_v1::kVersion) return migrate_from_v1(txn, opening);
  return load_data_keys(txn, opening);
}

Result<Done> Database::open_tables(WriteTxn& txn) {
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    const Result<Table> table = txn.open_table(kTables[i].name);
    if (!table.ok()) return table.error();
    if (kTables[i].values == Values::sealed) {
      sealed_[i].emplace(table.value(), kTables[i].name, data_keys_);
    }
    tables_[i] = table.value();
  }
  return Done{};
}

Result<Done> Database::make_new(WriteTxn& txn) {
  const SecretBytes key = DataKeys::make_key();
  data_keys_.add(kFirstDataKey, key);
  if (Result<Done> put = data_key_table().put(txn, kFirstDataKey, key); !put.ok()) return put;
  return txn.put(in_clear(TableId::meta), kSchema, std::to_string(kSchemaVersion));
}

Result<Done> Database::migrate_from_v1(WriteTxn& txn, const Opening& opening) {
  for (const SecretBytes& key : opening.v1_keys) {
    Aead opened_with(key);
    const Result<bool> is_it = store_v1::is_its_key(txn, in_clear(TableId::meta), opened_with);
    if (!is_it.ok()) return is_it.error();
    if (!is_it.value()) continue;
    if (Result<Done> made = make_new(txn); !made.ok()) return made;
    for (std::size_t i = 0; i < kTables.size(); ++i) {
      if (!sealed_[i]) continue;
      const store_v1::SealedValues values{tables_[i], kTables[i].name, opened_with};
      if (Result<Done> moved = values.move_to(txn, *sealed_[i]); !moved.ok()) return moved;
    }
    return store_v1::remove_key_check(txn, in_clear(TableId::meta));
  }
  return sealed_otherwise(opening.folder, opening.v1_keys.size() - 1);
}

Result<Done> Database::load_data_keys(WriteTxn& txn, const Opening& opening) {
  for (const SecretBytes& sealing_key : opening.sealing_keys) {
    Aead sealed_with(sealing_key);
    const auto keys = DataKeyTable(in_clear(TableId::meta), sealed_with).load(txn);
    if (!keys.ok() && keys.error().code != TOKMAN_E_CONFIGURATION) return keys.error();
    if (!keys.ok()) continue;
    if (keys.value().empty()) {
      return refused(TOKMAN_E_STORE, opening.folder,
                     "is damaged: it has no data key; move it away");
    }
    const bool is_store_key = &sealing_key == &opening.sealing_keys.front();
    for (const auto& [number, key] : keys.value()) {
      data_keys_.add(number, key);
      if (is_store_key) continue;
      if (Result<Done> put = data_key_table().put(txn, number, key); !put.ok()) return put;
    }
    return Done{};
  }
  return sealed_otherwise(opening.folder, opening.sealing_keys.size() - 1);
}

}  // namespace tokman
