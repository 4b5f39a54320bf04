#pragma once
// Errors by their name on the wire; all from TOKMAN_ERROR_MAP in <tokman/errors.h>.
#include <string>
#include <string_view>

#include <tokman/errors.h>

namespace tokman {

// "io.tokman.NotFound" for TOKMAN_E_NOT_FOUND.
std::string wire_error_name(int code);

// Also knows the errors of org.varlink.service. TOKMAN_E_PROTOCOL for a name it does not know.
tokman_error error_code_from_wire(std::string_view name);

}  // namespace tokman
