#pragma once
// GetToken's answer as bytes: rendered once for each token, sent as often as someone asks.
//
// `source` is the last member, so that the same bytes with another ending say "minted" or "stale".
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/github/permissions.h"
#include "daemon/domain/tokens/rejection_rules.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/json/value.h"

namespace tokman {

enum class TokenSource : std::uint8_t { cache, minted, stale };

struct TokenAnswer {
  std::string_view token;
  UnixTime expires_at;
  UnixTime minted_at;
  std::string_view fingerprint;
  std::string_view app;
  std::int64_t installation_id = 0;
  const Permissions& permissions;
  const std::vector<std::string>& repositories;
};

// A whole frame that says "cache".
SecretBytes render_cached_answer(const TokenAnswer& answer);

// The same frame with another source. REQUIRES: `cached` was made by render_cached_answer().
SecretBytes answer_with_source(const SecretBytes& cached, TokenSource source);

// The same frame, which also says what became of a token that the caller had rejected.
SecretBytes answer_to_rejection(const SecretBytes& cached, TokenSource source,
                                RejectionOutcome outcome);

// The token alone. REQUIRES: as above.
SecretBytes token_in_answer(const SecretBytes& cached);

// All of it but the token, for ListTokens. REQUIRES: as above.
json::Value answer_without_secret(const SecretBytes& cached);

}  // namespace tokman
