#pragma once
// Answers the signer's requests for secrets (daemon/services/secrets/fetched_secrets.h), one after
// the other.
//
// The signer can name only places that the configuration names: it is read here too, for every
// request. So nobody who took over the signer could have another program run or another address
// asked. While the configuration has mistakes, the last good one counts.
#include <memory>
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/domain/config/config.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class FetchService {
 public:
  // REQUIRES: log outlives this object.
  FetchService(std::string config_file, Log& log)
      : config_file_(std::move(config_file)), log_(log) {}

  // Until the other end of the socket is closed.
  void run(int socket);

  // Waits for the place.
  Result<SecretBytes> fetch(const std::string& place);

 private:
  void read_config();

  std::string config_file_;
  Log& log_;
  std::shared_ptr<const Config> config_;
};

}  // namespace tokman
