#pragma once
// Puts a copy of a store in the place of the store: what `tokman backup` wrote, while no daemon
// runs.
//
// Nothing is changed before the copy is known to be whole, of a version we know, and to open with
// the keys. Then one rename puts it in place: whatever happens, there is the one store or the
// other. The one that is replaced stays beside it under another name.
#include <string>

#include "daemon/base/ports.h"
#include "daemon/services/store/database.h"

namespace tokman {

struct Restore {
  std::string file;    // The copy; stays as it is.
  std::string folder;  // Where the store is, or is to be.
  UnixTime now;        // Names the replaced store.
};

// Gives the path of the replaced store; "" if there was none.
Result<std::string> restore_store(const Restore& restore, const Database::StoreKeys& keys);

}  // namespace tokman
