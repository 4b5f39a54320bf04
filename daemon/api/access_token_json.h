#pragma once
// An access token as callers see it, without its secret.
#include "daemon/domain/access/access_token.h"
#include "libtokman/json/value.h"

namespace tokman {

json::Value access_token_json(const AccessTokenInfo& info);

}  // namespace tokman
