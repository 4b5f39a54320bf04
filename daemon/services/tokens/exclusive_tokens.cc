#include "daemon/services/tokens/exclusive_tokens.h"

namespace tokman {

// One call of get().
class ExclusiveTokens::Asking final : public Operation {
 public:
  Asking(ExclusiveTokens& tokens, Holder& holder, TokenBroker::Callback callback)
      : tokens_(tokens), holder_(holder), callback_(std::move(callback)) {
    ++holder_.wanted_;
  }
  ~Asking() override { stop_wanting(); }

  void start(TokenOrder order) {
    step_ = tokens_.world_.broker.get(std::move(order),
                                      [this](const Result<Served>& served) { on_served(served); });
  }

 private:
  void on_served(const Result<Served>& served) {
    if (!served.ok()) return finish(served);
    stop_wanting();
    served_ = served.value();
    holder_.held_.emplace(fingerprint(), served_.entry);
    CondemnedTokens record;
    record.push_back(condemned(*served_.entry));
    tokens_.world_.store.bury(
        std::move(record), {},
        [this, alive = std::weak_ptr<bool>(alive_)](const Result<Done>& outcome, const auto&) {
          if (alive.lock()) on_recorded(outcome);
        });
  }

  void on_recorded(const Result<Done>& outcome) {
    const bool is_still_held = holder_.held_.contains(fingerprint());
    if (!is_still_held) {
      return finish(Error{TOKMAN_E_CONFLICT, "the token was revoked before it could be given"});
    }
    if (outcome.ok()) return finish(served_);
    tokens_.give_back(holder_, *served_.entry);
    finish(within("an exclusive token must be recorded", outcome.error()));
  }

  void finish(const Result<Served>& served) {
    const TokenBroker::Callback callback = std::move(callback_);
    callback(served);  // *this may be gone from here on.
  }

  void stop_wanting() {
    if (std::exchange(is_wanting_, false)) --holder_.wanted_;
  }
  const std::string& fingerprint() const { return served_.entry->token->fingerprint; }

  ExclusiveTokens& tokens_;
  Holder& holder_;
  TokenBroker::Callback callback_;
  OperationPtr step_;
  Served served_;
  bool is_wanting_ = true;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

ExclusiveTokens::Holder::Holder(ExclusiveTokens& tokens, std::uint32_t uid)
    : tokens_(tokens), uid_(uid) {
  tokens_.holders_.insert(this);
}

ExclusiveTokens::Holder::~Holder() {
  tokens_.holders_.erase(this);
  for (const auto& [fingerprint, entry] : held_) tokens_.end(*entry, "connection-ended");
}

std::optional<Error> ExclusiveTokens::why_full(const Holder& holder) {
  forget_expired();
  std::size_t of_uid = 0;
  for (const Holder* other : holders_) of_uid += other->uid_ == holder.uid_ ? other->count() : 0;
  if (holder.count() < kPerHolderMax && of_uid < kPerUidMax) return std::nullopt;
  return Error{TOKMAN_E_BUSY, holder.count() < kPerHolderMax
                                  ? "uid " + std::to_string(holder.uid_) + " holds " +
                                        std::to_string(kPerUidMax) + " exclusive tokens"
                                  : "this connection holds " + std::to_string(kPerHolderMax) +
                                        " exclusive tokens; revoke one that is not needed"};
}

OperationPtr ExclusiveTokens::get(Holder& holder, TokenOrder order,
                                  TokenBroker::Callback callback) {
  order.holder = std::to_string(++serial_);
  auto asking = std::make_unique<Asking>(*this, holder, std::move(callback));
  asking->start(std::move(order));
  return asking;
}

void ExclusiveTokens::give_back(Holder& holder, const CacheEntry& entry) {
  const auto held = holder.held_.extract(entry.token->fingerprint);
  if (!held.empty()) end(*held.mapped(), "not-given");
}

bool ExclusiveTokens::is_held_by(std::uint32_t uid, const std::string& fingerprint) const {
  for (const Holder* holder : holders_) {
    if (holder->uid_ == uid && holder->held_.contains(fingerprint)) return true;
  }
  return false;
}

CondemnedTokens ExclusiveTokens::take_revoked(const RevocationTarget& target) {
  CondemnedTokens taken;
  for (Holder* holder : holders_) {
    std::erase_if(holder->held_, [&](const auto& item) {
      if (!target.concerns(item.first, item.second->app)) return false;
      world_.audit.token_ended(*item.second, "revoked");
      taken.push_back(condemned(*item.second));
      return true;
    });
  }
  return taken;
}

void ExclusiveTokens::for_each(const Visit& visit) const {
  for (const Holder* holder : holders_) {
    for (const auto& [fingerprint, entry] : holder->held_) {
      if (!is_over(*entry)) visit(*entry, holder->uid_);
    }
  }
}

bool ExclusiveTokens::is_over(const CacheEntry& entry) {
  return entry.token->expires_at <= entry.clock->now();
}

void ExclusiveTokens::forget_expired() {
  for (Holder* holder : holders_) {
    std::erase_if(holder->held_, [this](const auto& item) {
      if (!is_over(*item.second)) return false;
      world_.audit.token_ended(*item.second, "expired");
      return true;
    });
  }
}

void ExclusiveTokens::end(const CacheEntry& entry, std::string_view reason) {
  world_.audit.token_ended(entry, reason);
  world_.revocations.revoke(condemned(entry));
}

}  // namespace tokman
