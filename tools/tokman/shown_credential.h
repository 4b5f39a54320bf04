#pragma once
// What a command shows the daemon, so that it is judged by that and not by its process.
//
// The first of these that is there: --auth-file; a client's id and key, of which both have to be
// there ($TOKMAN_CLIENT_ID, $TOKMAN_CLIENT_KEY_FILE); $TOKMAN_AUTH_FILE; nothing.
#include <tokman/tokman.h>

#include "libtokman/base/result.h"
#include "tools/tokman/options.h"

namespace tokman {

// Gives what libtokman gives: 0, or a code that the client has the reason of. May ask the daemon,
// for a login.
Result<int> show_credential(tokman_client* client, const Options& options);

}  // namespace tokman
