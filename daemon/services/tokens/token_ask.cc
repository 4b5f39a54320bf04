#include "daemon/services/tokens/token_ask.h"

#include "libtokman/base/text.h"

namespace tokman {

TokenAsk::TokenAsk(TokenBroker& broker, InstallationDirectory& installations, const Clock& clock,
                   Timers& timers, Random& random, TokenOrder order, TokenBroker::Callback callback)
    : broker_(broker),
      installations_(installations),
      clock_(clock),
      timers_(timers),
      random_(random),
      order_(std::move(order)),
      callback_(std::move(callback)) {}

void TokenAsk::start() {
  deadline_ = clock_.now() + order_.timeout;
  timeout_ = timers_.at(deadline_, [this] { on_timeout(); });
  find_installation();
}

void TokenAsk::find_installation() {
  if (const auto known = installations_.find(order_.app, order_.owner)) {
    key_ = order_.key_at(known->id);
    return wait_for_token();
  }
  const std::string repository = order_.repositories.empty() ? "" : order_.repositories.front();
  step_ = installations_.resolve(
      order_.app, {order_.owner, repository},
      [this](const Result<Installation>& installation) { on_installation(installation); });
}

void TokenAsk::on_installation(const Result<Installation>& installation) {
  if (installation.ok()) {
    // Another repository's caller may have brought the token meanwhile.
    if (auto answer = broker_.answer_now(order_)) return finish(std::move(*answer));
    return find_installation();
  }
  last_error_ = installation.error();
  const auto pause = lookup_retry_.next_wait(*last_error_, random_.fraction());
  if (!pause) return refuse(*last_error_);
  step_ = timers_.at(clock_.now() + *pause, [this] { find_installation(); });
}

void TokenAsk::wait_for_token() {
  if (const auto spent = broker_.spent_budget(order_, key_)) {
    const FetchNews news{.entry = nullptr, .error = *spent};
    step_ = timers_.at(clock_.now(), [this, news] { on_failure(news); });
    return;
  }
  step_ = broker_.join(key_, order_, deadline_, [this](const FetchNews& news) { on_news(news); });
}

void TokenAsk::on_news(const FetchNews& news) {
  if (news.is_discarded) return wait_for_token();
  if (!news.entry) return on_failure(news);
  const auto lives = news.entry->token->expires_at - news.entry->clock->now();
  if (!order_.life.is_asked || lives >= order_.life.min_lifetime) {
    news.entry->is_used = true;
    return finish(Served{news.entry, TokenSource::minted});
  }
  if (!order_.holder.empty()) broker_.give_back(*news.entry);
  finish(Error{TOKMAN_E_LIFETIME_UNSATISFIABLE,
               "GitHub gives this app tokens of " + format_duration(lives) + " only",
               "min_lifetime"});
}

// What went wrong is worth more than that GitHub is not asked again yet; when to come back is not.
void TokenAsk::learn(const FetchNews& news) {
  if (!news.is_held || !last_error_) {
    last_error_ = news.error;
  } else {
    last_error_->retry_after = news.error.retry_after;
  }
}

void TokenAsk::on_failure(const FetchNews& news) {
  learn(news);
  if (news.error.code == TOKMAN_E_APP_NOT_INSTALLED && !std::exchange(has_rediscovered_, true)) {
    return find_installation();
  }
  if (tokman_error_is_retryable(news.error.code) == 1) {
    if (auto stale = broker_.serve_stale(key_)) return finish(*stale);
  }
  if (news.goes_on) return wait_for_token();
  if (news.error.code == TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE && order_.repositories.size() == 1) {
    return ask_why();
  }
  refuse(*last_error_);
}

// Whoever asks by an old name is told more by a look-up, which GitHub redirects, than by minting.
void TokenAsk::ask_why() {
  step_ = installations_.resolve(order_.app, {order_.owner, order_.repositories.front()},
                                 [this](const Result<Installation>& found) { on_reason(found); });
}

void TokenAsk::on_reason(const Result<Installation>& found) {
  Error error = *last_error_;
  if (found.ok()) {
    error.message = "GitHub knows " + order_.target() +
                    ", but gives no token by this name: it may have been renamed";
  } else if (found.error().code == TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE) {
    error.message = found.error().message;
  }
  refuse(error);
}

void TokenAsk::on_timeout() {
  if (auto stale = broker_.serve_stale(key_)) return finish(*stale);
  if (const auto held = broker_.why_held(order_)) {
    learn({.entry = nullptr, .error = *held, .is_held = true});
  }
  if (last_error_) return finish(*last_error_);
  finish(Error{TOKMAN_E_TIMED_OUT,
               "GitHub has not answered within " + format_duration(order_.timeout)});
}

void TokenAsk::refuse(const Error& error) {
  broker_.remember_refusal(order_, key_, error);
  finish(error);
}

void TokenAsk::finish(Result<Served> served) {
  const TokenBroker::Callback callback = std::move(callback_);
  timeout_.reset();
  step_.reset();
  callback(std::move(served));  // *this may be gone from here on.
}

}  // namespace tokman
