#pragma once
// The machine's clocks, asked anew each time: for a process without an event loop.
#include "daemon/base/ports.h"

namespace tokman {

class SystemClock : public Clock {
 public:
  Instant now() const override;
  UnixTime unix_now() const override;
};

}  // namespace tokman
