#pragma once
// From a request for a target to the permit it gets: policy first, then the choice of the app.
#include "daemon/api/call_context.h"
#include "daemon/domain/github/token_request.h"
#include "daemon/domain/policy/policy.h"

namespace tokman {

// What the method does then. Where several apps would have done, `request.app` is the one that was
// chosen, so that judging the request again gives the same app.
using OnJudged = void (*)(CallContext& context, const TokenRequest& request,
                          const Result<Permit>& permit);

// Judges the request. Of several permits it is the one whose app covers the target, which GitHub
// may have to be asked for; policy is judged again after that.
void judge_request(CallContext& context, const TokenRequest& request, OnJudged next);

}  // namespace tokman
