#include "daemon/platform/http/blocking_exchange.h"

#include "daemon/base/version.h"
#include "daemon/platform/http/curl_library.h"
#include "daemon/platform/http/easy_transfer.h"

namespace tokman {
namespace {

constexpr std::string_view kEnd("\0", 1);  // curl wants its texts to end so.

void sign(CURL* easy, const AwsSigning& signing) {
  const std::string how = "aws:amz:" + signing.region + ":" + signing.service;
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, how.c_str());
  const SecretBytes key = SecretBytes::concat({signing.key.reveal(), kEnd});
  curl_easy_setopt(easy, CURLOPT_USERPWD, key.reveal().data());
}

// No proxy is between us and what is on this host.
void allow_plain(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
}

}  // namespace

Result<HttpResponse> exchange(const BlockingRequest& request, const HttpLimits& limits) {
  const CurlLibrary library;
  const auto& header = request.secret_header;
  if (!has_safe_headers(request.http) || (header && has_line_break(header->value.reveal()))) {
    return Error{TOKMAN_E_UPSTREAM_DOWN, "a header has a line break in it"};
  }

  const std::string user_agent = std::string("tokman/") + kVersion;
  EasyTransfer transfer(request.http, request.http.url, user_agent, limits);
  if (header) transfer.add_secret_header(header->name, header->value);
  if (request.signing) sign(transfer.easy(), *request.signing);
  if (request.transport == Transport::plain) allow_plain(transfer.easy());
  curl_easy_setopt(transfer.easy(), CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  const CURLcode code = curl_easy_perform(transfer.easy());
  if (code != CURLE_OK) return Error{TOKMAN_E_UPSTREAM_DOWN, transfer.reason(code)};
  return transfer.take_response();
}

}  // namespace tokman
