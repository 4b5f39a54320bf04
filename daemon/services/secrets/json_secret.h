#pragma once
// Secrets inside of JSON: what the servers of secrets answer, and what people store in them.
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/json/value.h"

namespace tokman {

// An object, or TOKMAN_E_SECRET_UNAVAILABLE, which names `whose` it was and quotes nothing.
Result<json::Value> parse_secret_object(std::string_view whose, const SecretBytes& text);

// The text that is the object's member of this name.
Result<SecretBytes> find_secret(std::string_view whose, const json::Value& object,
                                std::string_view member);

}  // namespace tokman
