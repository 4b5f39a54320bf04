#pragma once
// One HTTP exchange that waits for its answer: for a process that has nothing else to do.
//
// What makes an EasyTransfer safe holds here too; no redirect is followed at all. Beyond what
// HttpRequest can say, a request may carry one more secret header, and may be signed as AWS wants
// it (Signature Version 4, by curl), and metadata services of this host may be asked without TLS.
#include <optional>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/platform/http/http_limits.h"

namespace tokman {

enum class Transport : bool { tls, plain };

struct SecretHeader {
  std::string name;
  SecretBytes value;
};

struct AwsSigning {
  std::string region;
  std::string service;
  SecretBytes key;  // "KEY_ID:SECRET_KEY"
};

struct BlockingRequest {
  HttpRequest http;
  std::optional<SecretHeader> secret_header = {};
  std::optional<AwsSigning> signing = {};
  Transport transport = Transport::tls;  // plain: REQUIRES that the URL leads to this host.
};

// As with HttpClient, any status is an answer, and TOKMAN_E_UPSTREAM_DOWN means that there was
// none.
Result<HttpResponse> exchange(const BlockingRequest& request, const HttpLimits& limits);

}  // namespace tokman
