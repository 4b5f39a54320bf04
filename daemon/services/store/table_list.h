#pragma once
// Every table of the store: its name, its keys, and whether its values are sealed.
//
// To add a table: add a line. To change what a table holds: also raise kSchemaVersion, and bring
// older stores up to it in Database::open, inside the transaction that checks the version.
#include <array>
#include <cstddef>

namespace tokman {

inline constexpr int kSchemaVersion = 2;

enum class TableId : std::size_t {
  meta,
  tokens,
  installations,
  revocations,
  clocks,
  clients,
  client_logins,
  access_tokens,
  by_user,
  by_name,
  by_parent,
  by_expiry,
  history,
  history_by_token,
  history_by_user,
};

enum class Values : bool { in_clear, sealed };

struct TableSpec {
  const char* name;
  Values values;
};

// In the order of TableId. Keys lie in the file in clear, so names of users in them are
// hashed.
inline constexpr std::array<TableSpec, 15> kTables = {{
    {"meta", Values::in_clear},         // "schema", "data-key:NUMBER" (data_key_table.h)
    {"tokens", Values::sealed},         // SHA-256 of the token's key (domain/tokens/token_key.h)
    {"installations", Values::sealed},  // SHA-256 of app and owner, each after its length
    {"revocations", Values::sealed},    // fingerprint of the token
    {"clocks", Values::sealed},         // SHA-256 of the server's api_base
    {"clients", Values::sealed},        // the client's id
    {"client_logins", Values::sealed},  // the client's id, NUL, the jti of its JWT
    {"access_tokens", Values::sealed},  // the token's key
    // Indices of access_tokens; times are 8 bytes, big-endian, so that the order is theirs.
    {"by_user", Values::in_clear},    // SHA-256 of the user (or 32 zeros: all), ~created, key
    {"by_name", Values::in_clear},    // SHA-256 of user and name, each after its length -> key
    {"by_parent", Values::in_clear},  // the parent's key, the child's key
    {"by_expiry", Values::in_clear},  // expires, key
    {"history", Values::sealed},      // time, number
    // Indices of history.
    {"history_by_token", Values::in_clear},  // the token's key or its parent's, time, number
    {"history_by_user", Values::in_clear},   // SHA-256 of the user or "client:ID", time, number
}};

}  // namespace tokman
