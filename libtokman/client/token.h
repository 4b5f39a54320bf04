#pragma once
// A token that the daemon gave, and what the daemon said about it.
#include <cstdint>
#include <memory>
#include <string>

#include <tokman/tokman.h>

#include "libtokman/client/secret_memory.h"

namespace tokman {

struct TokenFacts {
  std::int64_t expires_at = 0;
  std::int64_t minted_at = 0;
  tokman_source source = TOKMAN_SOURCE_CACHE;
  std::string fingerprint;
  std::string json;  // All that the daemon said, but the token.
};

struct Token {
  SecretText secret;
  std::shared_ptr<const TokenFacts> facts;  // Shared by tokens of which the same was said.
};

}  // namespace tokman
