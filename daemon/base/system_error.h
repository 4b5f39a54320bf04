#pragma once
// What a failed system call becomes: "opening /etc/x: Permission denied".
#include <cerrno>
#include <string_view>
#include <system_error>

#include "libtokman/base/result.h"

namespace tokman {

inline Error system_error(std::string_view doing, int error_number = errno) {
  return within(doing, Error{TOKMAN_E_SYSTEM, std::generic_category().message(error_number)});
}

}  // namespace tokman
