#pragma once
// Where a URL leads: what must stay the same for a credential to be sent along.
#include <string>

#include "libtokman/base/result.h"

namespace tokman {

struct Origin {
  std::string host;
  std::string port;  // Also if the URL leaves it to the scheme.

  bool operator==(const Origin&) const = default;
};

// Fails if the URL is not of https, or holds a user name or password. The error does not repeat it.
Result<Origin> https_origin_of(const std::string& url);

}  // namespace tokman
