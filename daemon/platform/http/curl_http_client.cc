#include "daemon/platform/http/curl_http_client.h"

#include <memory>
#include <optional>
#include <utility>

#include "daemon/platform/http/easy_transfer.h"
#include "daemon/platform/http/origin.h"
#include "libtokman/base/text.h"

namespace tokman {

// One exchange:
//
//   waiting ──admitted──► transferring ──answer, or curl's error──► finished
//                           ▲      │
//                           └──────┘ redirect
//
// The deadline leads from everywhere to finished. It waits in the first two states only.
class CurlHttpClient::Exchange final : public Operation,
                                       private HostGate::Visitor,
                                       private MultiDriver::Transfer {
 public:
  Exchange(CurlHttpClient& client, HttpRequest request, Callback callback)
      : client_(client),
        request_(std::move(request)),
        callback_(std::move(callback)),
        url_(request_.url),
        redirects_left_(client.limits_.redirects) {}
  ~Exchange() override { release(); }

  void start() {
    Result<Origin> origin = https_origin_of(url_);
    if (!origin.ok()) return fail_later(std::move(origin).error());
    origin_ = std::move(origin).value();
    if (!has_safe_headers(request_)) return fail_later(error("a header has a line break in it"));
    timer_ =
        client_.loop_.at(client_.loop_.now() + client_.limits_.total, [this] { on_deadline(); });
    client_.gate_.enter(gate_name(), *this);
  }

 private:
  void on_admitted() override {
    transfer_.emplace(request_, url_, client_.user_agent_, client_.limits_);
    client_.driver_.add(transfer_->easy(), *this);
    is_running_ = true;
  }

  void on_transfer_end(CURLcode code) override {
    is_running_ = false;
    if (code != CURLE_OK) return finish(error(transfer_->reason(code)));
    if (may_follow(transfer_->redirect_url())) {
      url_ = transfer_->redirect_url();
      --redirects_left_;
      return on_admitted();
    }
    finish(transfer_->take_response());
  }

  void on_deadline() {
    finish(error("no whole answer within " + format_duration(client_.limits_.total)));
  }

  bool may_follow(const std::string& url) const {
    if (url.empty() || request_.method != "GET" || redirects_left_ == 0) return false;
    const Result<Origin> origin = https_origin_of(url);
    return origin.ok() && origin.value() == origin_;
  }

  void fail_later(Error error) {
    timer_ =
        client_.loop_.at(client_.loop_.now(), [this, error = std::move(error)] { finish(error); });
  }

  void finish(Result<HttpResponse> result) {
    release();
    const Callback callback = std::move(callback_);
    callback(std::move(result));  // *this may be gone from here on.
  }

  // Nothing goes on after this, and no secret is kept, however long the owner keeps the operation.
  void release() {
    timer_.reset();
    if (is_running_) client_.driver_.remove(transfer_->easy());
    is_running_ = false;
    transfer_.reset();
    request_.authorization = SecretBytes();
    client_.gate_.leave(gate_name(), *this);
  }

  std::string gate_name() const { return origin_.host + ":" + origin_.port; }
  Error error(const std::string& reason) const {
    return {TOKMAN_E_UPSTREAM_DOWN, origin_.host + ": " + reason};
  }

  CurlHttpClient& client_;
  HttpRequest request_;
  Callback callback_;
  std::string url_;
  Origin origin_;
  int redirects_left_;
  bool is_running_ = false;  // transfer_ is with the driver.
  std::optional<EasyTransfer> transfer_;
  OperationPtr timer_;
};

CurlHttpClient::CurlHttpClient(Loop& loop, const std::string& version, HttpLimits limits)
    : loop_(loop),
      user_agent_("tokman/" + version),
      limits_(limits),
      driver_(loop),
      gate_(limits.exchanges_per_host) {}

OperationPtr CurlHttpClient::start(HttpRequest request, Callback callback) {
  auto exchange = std::make_unique<Exchange>(*this, std::move(request), std::move(callback));
  exchange->start();
  return exchange;
}

}  // namespace tokman
