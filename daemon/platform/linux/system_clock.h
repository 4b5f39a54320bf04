#pragma once
// The machine's clocks, asked anew each time: for a process without an event loop.
#include <string>

#include "daemon/base/ports.h"

namespace tokman {

class SystemClock : public Clock {
 public:
  Instant now() const override;
  UnixTime unix_now() const override;
};

// Changes whenever the machine is started, and with it the boot clock; "" if it cannot be read.
std::string this_boot();

}  // namespace tokman
