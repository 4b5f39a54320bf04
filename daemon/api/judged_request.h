#pragma once
// From a request for a target to the permit it gets (policy first, then the choice of the app),
// and to the order for its token.
#include "daemon/api/call_context.h"
#include "daemon/domain/github/token_request.h"
#include "daemon/domain/policy/policy.h"
#include "daemon/services/tokens/token_order.h"

namespace tokman {

// What the method does then. Where several apps would have done, `request.app` is the one that was
// chosen, so that judging the request again gives the same app.
using OnJudged = void (*)(CallContext& context, const TokenRequest& request,
                          const Result<Permit>& permit);

// Judges the request. Of several permits it is the one whose app covers the target, which GitHub
// may have to be asked for; credential and policy are judged
// again after that.
void judge_request(CallContext& context, const TokenRequest& request, OnJudged next);

// The app that a permit names: a grant has only apps that exist.
const AppConfig& app_of(const CallContext& context, const Permit& permit);

// What is ordered with a permit. The caller waits for as long as its call may last.
TokenOrder make_order(const CallContext& context, const TokenRequest& request,
                      const Permit& permit);

}  // namespace tokman
