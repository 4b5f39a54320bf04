#pragma once
// Whether GitHub signed the body of a webhook.
//
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
// The body is read once from beginning to end, through one HMAC for each secret, so that whoever
// can still write to it gains nothing, and the work is the same whichever secret fits.
#include <optional>
#include <string_view>
#include <vector>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kWebhookBytesMax = 25 * 1024 * 1024;

// The index of the secret that `signature` was made with; none if it was with none of them, or is
// not "sha256=" and 64 hexadecimal digits in lower case. An error if `body` is no regular file,
// has more than kWebhookBytesMax, or cannot be read. REQUIRES: no secret is nullptr or empty.
Result<std::optional<std::size_t>> find_signing_secret(
    const std::vector<const SecretBytes*>& secrets, std::string_view signature, int body);

}  // namespace tokman
