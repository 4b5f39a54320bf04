#include "daemon/platform/http/easy_transfer.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr long kAuthoritiesKeptSeconds = 300;  // Then a replaced file of authorities is noticed.

// Without this, OpenSSL leaves an answer in its buffer until the next one comes.
CURLcode wipe_plain_text(CURL*, void* context, void*) {
  SSL_CTX_set_options(static_cast<SSL_CTX*>(context), SSL_OP_CLEANSE_PLAINTEXT);
  return CURLE_OK;
}

}  // namespace

bool has_line_break(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

bool has_safe_headers(const HttpRequest& request) {
  return !has_line_break(request.authorization.reveal()) &&
         std::none_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return has_line_break(header.first) || has_line_break(header.second);
         });
}

EasyTransfer::EasyTransfer(const HttpRequest& request, const std::string& url,
                           const std::string& user_agent, const HttpLimits& limits)
    : body_(limits.body_bytes), header_bytes_max_(limits.header_bytes), easy_(curl_easy_init()) {
  if (easy_ == nullptr) std::abort();  // No memory: no daemon.
  curl_easy_setopt(easy(), CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy(), CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy(), CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy(), CURLOPT_WRITEDATA, this);
  restrict_to_safe(request);
  limit_time(limits);
  describe(request, url);
}

void EasyTransfer::restrict_to_safe(const HttpRequest& request) {
  curl_easy_setopt(easy(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy(), CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy(), CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(easy(), CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy(), CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy(), CURLOPT_SSL_CTX_FUNCTION, wipe_plain_text);
  // A folder of authorities would count beside the file. Besides, curl keeps what it has read only
  // if it comes from one file; else it reads all authorities for each connection, for 20 ms or so.
  curl_easy_setopt(easy(), CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy(), CURLOPT_CA_CACHE_TIMEOUT, kAuthoritiesKeptSeconds);
  if (!request.ca_file.empty()) {
    curl_easy_setopt(easy(), CURLOPT_CAINFO, request.ca_file.c_str());
  }
  if (!request.proxy.empty()) curl_easy_setopt(easy(), CURLOPT_PROXY, request.proxy.c_str());
}

void EasyTransfer::limit_time(const HttpLimits& limits) {
  curl_easy_setopt(easy(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  // Without this, giving up while a name is looked up waits for the resolver's thread.
  curl_easy_setopt(easy(), CURLOPT_QUICK_EXIT, 1L);
}

void EasyTransfer::describe(const HttpRequest& request, const std::string& url) {
  curl_easy_setopt(easy(), CURLOPT_URL, url.c_str());
  // One connection for all, if the server knows HTTP/2.
  curl_easy_setopt(easy(), CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
  curl_easy_setopt(easy(), CURLOPT_PIPEWAIT, 1L);
  if (request.method != "GET") {
    curl_easy_setopt(easy(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(easy(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy(), CURLOPT_POSTFIELDS, request.body.data());
  }
  for (const auto& [name, value] : request.headers) add_header((name + ": " + value).c_str());
  if (!request.authorization.empty()) add_secret_header("Authorization", request.authorization);
}

void EasyTransfer::add_secret_header(const std::string& name, const SecretBytes& value) {
  const SecretBytes line =
      SecretBytes::concat({name, ": ", value.reveal(), std::string_view("\0", 1)});
  add_header(line.reveal().data());
}

void EasyTransfer::add_header(const char* line) {
  curl_slist* extended = curl_slist_append(headers_.get(), line);
  if (extended == nullptr) std::abort();  // No memory: no daemon.
  (void)headers_.release();
  headers_.reset(extended);
  curl_easy_setopt(easy(), CURLOPT_HTTPHEADER, extended);
}

std::size_t EasyTransfer::on_header(char* bytes, std::size_t, std::size_t size, void* transfer) {
  EasyTransfer& self = *static_cast<EasyTransfer*>(transfer);
  const std::string_view line(bytes, size);
  self.answer_header_bytes_ += size;
  if (self.answer_header_bytes_ > self.header_bytes_max_) {
    self.too_large_ = "its headers are too large";
    return 0;
  }
  if (line.starts_with("HTTP/")) self.answer_headers_.clear();  // The one before was interim.
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  self.answer_headers_[lower_case(line.substr(0, colon))] = trim(line.substr(colon + 1));
  return size;
}

std::size_t EasyTransfer::on_body(char* bytes, std::size_t, std::size_t size, void* transfer) {
  EasyTransfer& self = *static_cast<EasyTransfer*>(transfer);
  if (self.body_.append({bytes, size})) return size;
  self.too_large_ = "its answer is too large";
  return 0;
}

int EasyTransfer::status() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

HttpResponse EasyTransfer::take_response() {
  return {status(), std::move(answer_headers_), body_.take()};
}

std::string EasyTransfer::redirect_url() const {
  const char* url = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? "" : url;
}

std::string EasyTransfer::reason(CURLcode code) const {
  if (!too_large_.empty()) return too_large_;
  std::string general = curl_easy_strerror(code);
  if (error_text_[0] == '\0') return general;
  return general + " (" + error_text_.data() + ")";
}

}  // namespace tokman
