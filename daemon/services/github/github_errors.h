#pragma once
// GitHub's refusals as tokman's errors: by status first, by exact text second.
//
// Unknown texts are never guessed at: they become UPSTREAM_REFUSED, with what GitHub said. The
// texts are those of https://docs.github.com/en/rest and of public reports; each has a test.
#include <string>

#include "daemon/base/ports.h"

namespace tokman {

// REQUIRES: answer.status is not the success that was asked for.
Error error_from_answer(const HttpResponse& answer);

// What GitHub found wrong with an app's JWT.
enum class JwtFault { key, no_public_key, issuer, time, other };

// REQUIRES: answer.status is 401.
JwtFault jwt_fault(const HttpResponse& answer);

// For the log and Status: the message, and what GitHub itself said, if it spoke.
std::string describe(const Error& error);

}  // namespace tokman
