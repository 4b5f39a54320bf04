#pragma once
// One request on curl's easy interface, and the answer as it comes in. Everything that makes a
// transfer safe is set here: https only, certificates always verified, TLS 1.2 at least, no
// redirect followed by curl, no signal.
//
// It is driven by a MultiDriver, and must have been removed from it before it is destroyed; or it
// is performed at once (blocking_exchange.h).
#include <curl/curl.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"
#include "daemon/platform/http/body_buffer.h"
#include "daemon/platform/http/http_limits.h"

namespace tokman {

// A line break in a header would begin another header.
bool has_line_break(std::string_view text);
// Whether no header of the request has one.
bool has_safe_headers(const HttpRequest& request);

class EasyTransfer {
 public:
  // REQUIRES: request outlives the transfer. `url` is the request's or where it was redirected to.
  EasyTransfer(const HttpRequest& request, const std::string& url, const std::string& user_agent,
               const HttpLimits& limits);
  EasyTransfer(const EasyTransfer&) = delete;
  EasyTransfer& operator=(const EasyTransfer&) = delete;

  CURL* easy() { return easy_.get(); }

  void add_secret_header(const std::string& name, const SecretBytes& value);

  // Once it has ended with CURLE_OK.
  HttpResponse take_response();
  // Where the answer redirects to, as a whole URL; "" if it does not.
  std::string redirect_url() const;

  // Once it has ended otherwise: curl's reason, in words.
  std::string reason(CURLcode code) const;

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  void restrict_to_safe(const HttpRequest& request);
  void limit_time(const HttpLimits& limits);
  void describe(const HttpRequest& request, const std::string& url);
  void add_header(const char* line);
  static std::size_t on_header(char* bytes, std::size_t one, std::size_t size, void* transfer);
  static std::size_t on_body(char* bytes, std::size_t one, std::size_t size, void* transfer);
  int status() const;

  std::unique_ptr<curl_slist, FreeList> headers_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::map<std::string, std::string> answer_headers_;
  std::size_t answer_header_bytes_ = 0;
  BodyBuffer body_;
  const std::size_t header_bytes_max_;
  std::string too_large_;  // What was: curl only knows that we did not want it.
  std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace tokman
