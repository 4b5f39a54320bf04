#pragma once
// A token that can be given out, with what callers are told about it.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// How often one principal got one token; the audit log's unit.
struct Receipt {
  std::string principal;
  std::string grant;
  std::uint64_t count = 0;
};

// The secret is kept only inside `answer`, the reply that is sent again and again: with 10,000
// tokens a second copy would double the memory.
struct ReadyToken {
  SecretBytes answer;
  UnixTime expires_at;
  UnixTime minted_at;
  std::string fingerprint;
  std::vector<Receipt> receipts;
};

}  // namespace tokman
