#include "daemon/services/github/app_exchange.h"

#include <set>
#include <utility>

#include "daemon/services/github/github_errors.h"

namespace tokman {
namespace {

class AppExchange final : public Operation {
 public:
  using Callback = std::function<void(Result<HttpResponse>)>;

  AppExchange(const ExchangeWorld& world, const AppConfig& app, HttpRequest request,
              Callback callback, std::string only_key)
      : world_(world),
        app_(app),
        request_(std::move(request)),
        callback_(std::move(callback)),
        only_key_(std::move(only_key)) {
    request_.url = app.api_base + request_.url;
    request_.ca_file = app.ca_file;
    request_.proxy = app.proxy;
    request_.headers["Accept"] = "application/vnd.github+json";
    request_.headers["X-GitHub-Api-Version"] = app.api_version;
  }

  // With the next JWT, until one is not refused or there is no other.
  void go_on() {
    const auto order = next_order();
    if (!order) return on_all_keys_tried();
    order_ = *order;
    if (const auto found = world_.jwts.find(order_)) {
      was_used_ = true;
      return send(*found);
    }
    was_used_ = false;
    step_ =
        world_.jwts.sign(order_, [this](const AppJwts::Signed& outcome) { on_signed(outcome); });
  }

 private:
  std::optional<JwtOrder> next_order() const {
    auto order = world_.jwts.next_order(app_.name, offset(), tried_);
    if (only_key_.empty() || !order) return order;
    if (tried_.contains(only_key_)) return std::nullopt;
    order->key_fingerprint = only_key_;
    return order;
  }

  std::chrono::seconds offset() const { return world_.time.host(app_.api_base).offset(); }

  void on_signed(const AppJwts::Signed& outcome) {
    if (outcome.ok()) {
      const auto found = world_.jwts.find(order_);
      if (!found)
        return finish(Error{TOKMAN_E_SECRET_UNAVAILABLE, "the JWT was dropped meanwhile"});
      return send(*found);
    }
    const Error& error = outcome.error();
    if (error.code == TOKMAN_E_NOT_FOUND && error.field == kKeyField) {
      world_.jwts.keys(app_.name).remove(order_.key_fingerprint);  // A new signer has less.
      tried_.insert(order_.key_fingerprint);
      return go_on();
    }
    finish(within("app '" + app_.name + "'", error));
  }

  void send(const AppJwts::Found& jwt) {
    step_ = world_.traffic.refuse(app_, [this](const Error& error) { finish(error); });
    if (step_) return;
    key_ = jwt.key_fingerprint;
    HttpRequest request;
    request.method = request_.method;
    request.url = request_.url;
    request.headers = request_.headers;
    request.body = request_.body;
    request.ca_file = request_.ca_file;
    request.proxy = request_.proxy;
    request.authorization = SecretBytes::concat({"Bearer ", jwt.jwt});
    step_ = world_.http.start(
        std::move(request), [this](Result<HttpResponse> answer) { on_answer(std::move(answer)); });
  }

  void on_answer(Result<HttpResponse> answer) {
    if (answer.ok()) world_.time.observe(app_.api_base, answer.value());
    world_.traffic.on_answer(app_, answer);
    if (!answer.ok()) return finish(std::move(answer));
    const int status = answer.value().status;
    if (status == 401) return on_refused(std::move(answer).value());
    if (status >= 200 && status < 300) world_.jwts.keys(app_.name).accept(key_);
    finish(std::move(answer));
  }

  void on_refused(HttpResponse answer) {
    const JwtFault fault = jwt_fault(answer);
    refusal_ = std::move(answer);
    world_.jwts.forget(order_);
    switch (fault) {
      case JwtFault::time:
        return on_wrong_time();
      case JwtFault::issuer:
        return on_wrong_issuer();
      case JwtFault::key:
        return on_wrong_key();
      case JwtFault::no_public_key:
        is_key_awaited_ = true;
        tried_.insert(key_);
        return go_on();
      case JwtFault::other:
        return may_sign_anew() ? go_on() : finish(std::move(*refusal_));
    }
  }

  void on_wrong_time() {
    if (!std::exchange(is_corrected_, true)) return go_on();
    Error error = error_from_answer(*refusal_);
    error.message += ", though this JWT was made for a clock that differs by " +
                     std::to_string(order_.clock_offset.count()) + " s";
    finish(std::move(error));
  }

  void on_wrong_issuer() {
    const bool can_change = order_.issuer == Issuer::preferred && !app_.client_id.empty();
    if (!can_change || app_.app_id == 0) return finish(std::move(*refusal_));
    world_.jwts.use_app_id(app_.name);
    go_on();
  }

  // The new key may lie there already, while GitHub has forgotten the old one.
  void on_wrong_key() {
    world_.jwts.keys(app_.name).refuse(key_, error_from_answer(*refusal_).message);
    if (!may_sign_anew()) tried_.insert(key_);
    step_ = world_.jwts.refresh([this](const AppJwts::Refreshed&) { go_on(); });
  }

  void on_all_keys_tried() {
    if (!refusal_) return finish(Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer has no key left"});
    if (!is_key_awaited_ || pauses_ == AppJwts::kPausesMax) return finish(std::move(*refusal_));
    tried_.clear();
    step_ = world_.jwts.pause(pauses_++, [this] { go_on(); });
  }

  bool may_sign_anew() { return was_used_ && std::exchange(may_sign_anew_, false); }

  void finish(Result<HttpResponse> answer) {
    const Callback callback = std::move(callback_);
    callback(std::move(answer));  // *this may be gone from here on.
  }

  ExchangeWorld world_;
  AppConfig app_;
  HttpRequest request_;
  Callback callback_;
  std::string only_key_;
  OperationPtr step_;

  JwtOrder order_;
  std::string key_;                      // What signed it.
  std::set<std::string> tried_;          // Keys that are not to be tried again.
  std::optional<HttpResponse> refusal_;  // The last one.
  bool was_used_ = false;                // The present JWT, before this request.
  bool may_sign_anew_ = true;
  bool is_corrected_ = false;
  bool is_key_awaited_ = false;
  int pauses_ = 0;
};

}  // namespace

OperationPtr start_exchange(const ExchangeWorld& world, const AppConfig& app, HttpRequest request,
                            std::function<void(Result<HttpResponse>)> callback,
                            const std::string& only_key) {
  auto exchange =
      std::make_unique<AppExchange>(world, app, std::move(request), std::move(callback), only_key);
  exchange->go_on();
  return exchange;
}

}  // namespace tokman
