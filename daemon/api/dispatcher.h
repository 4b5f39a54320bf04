#pragma once
// Takes a call to its method: find, identify, authorize, handle.
//
// Unknown interfaces and methods are answered as https://varlink.org/Service says. A method that
// needs a scope the caller lacks is refused before its parameters are looked at, so that nothing
// can be learned from how they are judged.
#include "daemon/api/call_context.h"

namespace tokman {

// The context is answered now or later; it may be gone afterwards.
void dispatch(CallContext& context);

}  // namespace tokman
