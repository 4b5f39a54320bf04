#pragma once
// The JSON Web Token with which a GitHub App says who it is.
//
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
// Its times leave room for clocks that disagree with GitHub's: a minute if ours is fast, and the
// end is five minutes short of what GitHub would allow.
#include <string>

#include "daemon/base/ports.h"
#include "daemon/platform/crypto/rsa_key.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

struct SignedAppJwt {
  SecretBytes text;
  UnixTime expires_at;
};

// `issuer` is the app's client id or its app id, which GitHub takes as text too; `now` is GitHub's
// time.
Result<SignedAppJwt> sign_app_jwt(const std::string& issuer, const RsaKey& key, UnixTime now);

}  // namespace tokman
