#pragma once
// Where the signer's secrets come from: this host's files, or the fetcher.
//
// What needs more than the sandbox allows is started by the constructor, if the configuration has a
// place that needs it: so make this before the sandbox shuts. A place of that kind that is new in a
// later configuration cannot be used until the signer is started again, and its error says so.
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "daemon/services/secrets/fetched_secrets.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class KeySources {
 public:
  // What cannot be started is logged; the other places still serve. REQUIRES: clock outlives this.
  KeySources(const Clock& clock, const std::string& config_file, Log& log);

  // To be called with each configuration, before what it names is read.
  void begin(const Config& config) { fetched_.begin(config); }

  Result<SecretBytes> read(const std::string& location);

 private:
  FetchedSecrets fetched_;
};

}  // namespace tokman
