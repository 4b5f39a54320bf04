#pragma once
// Every table of the store: its name, its keys, and whether its values are sealed.
//
// To add a table: add a line. To change what a table holds: also raise kSchemaVersion, and bring
// older stores up to it in Database::open, inside the transaction that checks the version.
#include <array>
#include <cstddef>

namespace tokman {

inline constexpr int kSchemaVersion = 1;

enum class TableId : std::size_t { meta, tokens, installations, revocations, clocks };

enum class Values : bool { in_clear, sealed };

struct TableSpec {
  const char* name;
  Values values;
};

// In the order of TableId. Keys lie in the file in clear, so names in them are hashed.
inline constexpr std::array<TableSpec, 5> kTables = {{
    {"meta", Values::in_clear},         // a word: "schema", "key-check" (that one is sealed)
    {"tokens", Values::sealed},         // SHA-256 of the token's key (domain/tokens/token_key.h)
    {"installations", Values::sealed},  // SHA-256 of app and owner, each after its length
    {"revocations", Values::sealed},    // fingerprint of the token
    {"clocks", Values::sealed},         // SHA-256 of the server's api_base
}};

}  // namespace tokman
