#pragma once
// The keys of the store, read from where the configuration says they are.
#include "daemon/domain/config/config.h"
#include "daemon/services/store/database.h"

namespace tokman {

// Errors name the key of the configuration and the place, never what is in it.
Result<Database::StoreKeys> read_store_keys(const Config& config);

}  // namespace tokman
