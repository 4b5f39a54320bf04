#pragma once
// What to do about an error, in one line.
#include <string>

#include "libtokman/base/result.h"
#include "tools/tokman/options.h"

namespace tokman {

// "" if there is nothing to say.
std::string advice_for(const Error& error, const Options& options);

}  // namespace tokman
