#pragma once
// The Date of an HTTP answer: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
#include <optional>
#include <string_view>

#include "daemon/base/ports.h"

namespace tokman {

// Only this form, and only dates that exist: what servers send today. None: it is not one.
std::optional<UnixTime> parse_http_date(std::string_view text);

}  // namespace tokman
