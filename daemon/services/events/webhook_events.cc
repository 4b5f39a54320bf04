#include "daemon/services/events/webhook_events.h"

#include <fcntl.h>

#include <algorithm>

#include "libtokman/base/memory_file.h"

namespace tokman {
namespace {

constexpr std::size_t kBytesInProgressMax = 4 * kWebhookBytesMax;
constexpr std::size_t kHandledMax = 1024;

Result<Fd> sealed_copy(const Fd& body, std::size_t size) {
  const Result<std::string> bytes = read_memory_file(body.get(), size);
  if (!bytes.ok()) return bytes.error();
  return make_memory_file(bytes.value());
}

Error about_body(Error error) {
  if (error.code == TOKMAN_E_INVALID_ARGUMENT) error.field = "body";
  return within("'body'", std::move(error));
}

}  // namespace

// One body on its way to the signer, and the answer.
class WebhookEvents::Check final : public Operation {
 public:
  Check(WebhookEvents& owner, std::string app, std::string signature, OnVerdict callback)
      : owner_(owner),
        app_(std::move(app)),
        signature_(std::move(signature)),
        callback_(std::move(callback)) {}
  ~Check() override { owner_.bytes_in_progress_ -= size_; }

  void start(Fd body) {
    if (Result<Done> taken = take(body); !taken.ok()) return fail_later(taken.error());
    // The work may outlive this object.
    copy_ = std::make_shared<Copy>(Copy{std::move(body), size_, Error{}});
    step_ = owner_.world_.background.run(
        [copy = copy_] { copy->sealed = sealed_copy(copy->body, copy->size); },
        [this] { on_copied(); });
  }

  struct Copy {
    Fd body;
    std::size_t size;
    Result<Fd> sealed;
  };
  // REQUIRES: the callback was called, with a verdict.
  std::shared_ptr<const Copy> copy() const { return copy_; }

 private:
  Result<Done> take(const Fd& body) {
    const Result<std::size_t> size = memory_file_size(body.get(), kWebhookBytesMax);
    if (!size.ok()) return about_body(size.error());
    if (owner_.bytes_in_progress_ + size.value() > kBytesInProgressMax) {
      return Error{TOKMAN_E_BUSY, "too many webhooks are being looked at"};
    }
    size_ = size.value();
    owner_.bytes_in_progress_ += size_;
    return Done{};
  }

  void fail_later(const Error& error) {
    step_ = owner_.world_.background.run([] {}, [this, error] { finish(error); });
  }

  void on_copied() {
    if (!copy_->sealed.ok()) return finish(about_body(copy_->sealed.error()));
    copy_->body.reset();
    Fd for_signer(fcntl(copy_->sealed.value().get(), F_DUPFD_CLOEXEC, 0));
    step_ = owner_.world_.signer.verify_webhook(
        app_, signature_, std::move(for_signer),
        [this](const Result<WebhookVerdict>& verdict) { finish(verdict); });
  }

  void finish(const Result<WebhookVerdict>& verdict) {
    const OnVerdict callback = std::move(callback_);
    callback(verdict);  // *this may be gone from here on.
  }

  WebhookEvents& owner_;
  std::string app_;
  std::string signature_;
  OnVerdict callback_;
  std::size_t size_ = 0;  // Counted in the owner's bytes_in_progress_.
  std::shared_ptr<Copy> copy_;
  OperationPtr step_;
};

// The check of a delivery, and what follows if GitHub signed it.
class WebhookEvents::Handling final : public Operation {
 public:
  Handling(WebhookEvents& owner, WebhookDelivery delivery, OnHandled callback)
      : owner_(owner),
        delivery_(std::move(delivery)),
        callback_(std::move(callback)),
        check_(owner, delivery_.app, delivery_.signature,
               [this](const Result<WebhookVerdict>& verdict) { on_verdict(verdict); }) {}

  void start(Fd body) { check_.start(std::move(body)); }

 private:
  struct Parsed {
    std::string event;
    std::shared_ptr<const Check::Copy> copy;
    Result<WebhookPayload> payload;
  };

  static void parse(Parsed& parsed) {
    const auto bytes = read_memory_file(parsed.copy->sealed.value().get(), parsed.copy->size);
    if (!bytes.ok()) {
      parsed.payload = bytes.error();
    } else {
      parsed.payload = parse_webhook(parsed.event, bytes.value());
    }
  }

  void on_verdict(const Result<WebhookVerdict>& verdict) {
    if (!verdict.ok()) return finish(verdict.error());
    if (!verdict.value().is_valid) {
      return finish(Error{TOKMAN_E_SIGNATURE_INVALID,
                          "none of the webhook secrets of app '" + delivery_.app + "' signed this",
                          "signature"});
    }
    parsed_ = std::make_shared<Parsed>(Parsed{delivery_.event, check_.copy(), Error{}});
    step_ = owner_.world_.background.run([parsed = parsed_] { parse(*parsed); },
                                         [this] { on_parsed(); });
  }

  void on_parsed() {
    const Result<WebhookPayload>& payload = parsed_->payload;
    if (!payload.ok()) return finish(about_body(payload.error()));
    finish(owner_.apply(delivery_, payload.value()));
  }

  void finish(const Result<HandledWebhook>& handled) {
    const OnHandled callback = std::move(callback_);
    callback(handled);  // *this may be gone from here on.
  }

  WebhookEvents& owner_;
  WebhookDelivery delivery_;
  OnHandled callback_;
  Check check_;
  std::shared_ptr<Parsed> parsed_;  // The work may outlive this object.
  OperationPtr step_;
};

OperationPtr WebhookEvents::verify(const std::string& app, const std::string& signature, Fd body,
                                   OnVerdict callback) {
  auto check = std::make_unique<Check>(*this, app, signature, std::move(callback));
  check->start(std::move(body));
  return check;
}

OperationPtr WebhookEvents::handle(WebhookDelivery delivery, Fd body, OnHandled callback) {
  auto handling = std::make_unique<Handling>(*this, std::move(delivery), std::move(callback));
  handling->start(std::move(body));
  return handling;
}

Result<HandledWebhook> WebhookEvents::apply(const WebhookDelivery& delivery,
                                            const WebhookPayload& payload) {
  HandledWebhook handled{.action = payload.event.action, .reason = "it was handled before"};
  const AppConfig* app = world_.live.config().find_app(delivery.app);
  if (app == nullptr) return Error{TOKMAN_E_NOT_FOUND, "the app is gone", "app"};
  if (payload.app_id && app->app_id != 0 && *payload.app_id != app->app_id) {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "'body' is about another app's installation", "body"};
  }
  const std::string key = delivery.app + "/" + delivery.id;
  if (std::find(handled_.begin(), handled_.end(), key) != handled_.end()) return handled;
  handled.applied = world_.actions.apply(*app, payload.event, "webhook");
  handled.reason = handled.applied ? "" : "it changes nothing here";
  handled_.push_back(key);
  if (handled_.size() > kHandledMax) handled_.pop_front();
  return handled;
}

}  // namespace tokman
