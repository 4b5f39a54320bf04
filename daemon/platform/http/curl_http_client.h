#pragma once
// The HttpClient of the daemon, on libcurl.
//
// Exchanges share connections, by HTTP/2 where the server knows it; at most
// HttpLimits::exchanges_per_host run at a time with one host, the others wait in order. Redirects
// are followed here and not by curl, so that a credential never goes to another origin.
#include <string>

#include "daemon/base/ports.h"
#include "daemon/platform/http/curl_library.h"
#include "daemon/platform/http/host_gate.h"
#include "daemon/platform/http/http_limits.h"
#include "daemon/platform/http/multi_driver.h"
#include "daemon/platform/uv/loop.h"

namespace tokman {

class CurlHttpClient final : public HttpClient {
 public:
  // REQUIRES: loop outlives the client, and the client its operations; it is not destroyed from
  // inside a callback.
  CurlHttpClient(Loop& loop, const std::string& version, HttpLimits limits = {});

  [[nodiscard]] OperationPtr start(HttpRequest request, Callback callback) override;

 private:
  class Exchange;

  Loop& loop_;
  const std::string user_agent_;
  const HttpLimits limits_;
  CurlLibrary library_;  // Before whatever uses it.
  MultiDriver driver_;
  HostGate gate_;
};

}  // namespace tokman
