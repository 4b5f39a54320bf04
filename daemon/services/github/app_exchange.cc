#include "daemon/services/github/app_exchange.h"

#include <utility>

namespace tokman {
namespace {

class AppExchange final : public Operation {
 public:
  using Callback = std::function<void(Result<HttpResponse>)>;

  AppExchange(const ExchangeWorld& world, const AppConfig& app, HttpRequest request,
              Callback callback)
      : world_(world), app_(app), request_(std::move(request)), callback_(std::move(callback)) {
    request_.url = app.api_base + request_.url;
    request_.ca_file = app.ca_file;
    request_.proxy = app.proxy;
    request_.headers["Accept"] = "application/vnd.github+json";
    request_.headers["X-GitHub-Api-Version"] = app.api_version;
  }

  void start() {
    if (const auto jwt = world_.jwts.find(app_.name)) {
      may_sign_anew_ = true;
      return send(*jwt);
    }
    sign();
  }

 private:
  void sign() {
    step_ =
        world_.jwts.sign(app_.name, [this](const AppJwts::Signed& outcome) { on_signed(outcome); });
  }

  void on_signed(const AppJwts::Signed& outcome) {
    if (!outcome.ok()) return finish(within("app '" + app_.name + "'", outcome.error()));
    const auto jwt = world_.jwts.find(app_.name);
    if (!jwt) return finish(Error{TOKMAN_E_SECRET_UNAVAILABLE, "the JWT was dropped meanwhile"});
    send(*jwt);
  }

  void send(std::string_view jwt) {
    step_ = world_.traffic.refuse(app_, [this](const Error& error) { finish(error); });
    if (step_) return;
    HttpRequest request;
    request.method = request_.method;
    request.url = request_.url;
    request.headers = request_.headers;
    request.body = request_.body;
    request.ca_file = request_.ca_file;
    request.proxy = request_.proxy;
    request.authorization = SecretBytes::concat({"Bearer ", jwt});
    step_ = world_.http.start(
        std::move(request), [this](Result<HttpResponse> answer) { on_answer(std::move(answer)); });
  }

  void on_answer(Result<HttpResponse> answer) {
    if (answer.ok()) world_.time.observe(app_.api_base, answer.value());
    world_.traffic.on_answer(app_, answer);
    if (answer.ok() && answer.value().status == 401) {
      world_.jwts.forget(app_.name);
      if (std::exchange(may_sign_anew_, false)) return sign();
    }
    finish(std::move(answer));
  }

  void finish(Result<HttpResponse> answer) {
    const Callback callback = std::move(callback_);
    callback(std::move(answer));  // *this may be gone from here on.
  }

  ExchangeWorld world_;
  AppConfig app_;
  HttpRequest request_;
  Callback callback_;
  OperationPtr step_;
  bool may_sign_anew_ = false;
};

}  // namespace

OperationPtr start_exchange(const ExchangeWorld& world, const AppConfig& app, HttpRequest request,
                            std::function<void(Result<HttpResponse>)> callback) {
  auto exchange =
      std::make_unique<AppExchange>(world, app, std::move(request), std::move(callback));
  exchange->start();
  return exchange;
}

}  // namespace tokman
