#include "daemon/platform/http/origin.h"

#include <curl/curl.h>

#include <memory>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct FreeText {
  void operator()(char* text) const noexcept { curl_free(text); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  return std::unique_ptr<char, FreeText>(text).get();
}

}  // namespace

Result<Origin> https_origin_of(const std::string& url) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK ||
      part_of(parsed.get(), CURLUPART_SCHEME) != "https") {
    return Error{TOKMAN_E_UPSTREAM_DOWN, "not a URL of https, or one with a password in it"};
  }
  return Origin{lower_case(part_of(parsed.get(), CURLUPART_HOST)),
                part_of(parsed.get(), CURLUPART_PORT)};
}

}  // namespace tokman
