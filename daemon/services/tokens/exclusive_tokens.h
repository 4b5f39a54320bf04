#pragma once
// Tokens for one caller alone, which end with the connection that asked for them.
//
//   get() ─► minted, for this holder ─► recorded on disk ─► given to the caller
//                  │ it has left            │ fails
//                  └────────────────────────┴─► ended at GitHub, as when the connection ends
//
// The record is that of a token to be revoked: if the daemon is killed, its next start ends what
// was held. Such a token is never shared, cached or renewed.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "daemon/services/tokens/token_broker.h"

namespace tokman {

class ExclusiveTokens {
 public:
  static constexpr std::size_t kPerHolderMax = 16;
  static constexpr std::size_t kPerUidMax = 256;

  struct World {  // REQUIRES: all outlive this object.
    TokenBroker& broker;
    TokenRevocations& revocations;
    RevocationStore& store;
    AuditLog& audit;
  };
  explicit ExclusiveTokens(const World& world) : world_(world) {}
  ExclusiveTokens(const ExclusiveTokens&) = delete;
  ExclusiveTokens& operator=(const ExclusiveTokens&) = delete;

  // One connection. What it holds ends with it.
  class Holder {
   public:
    // REQUIRES: tokens outlives the holder, and the holder what get() gave for it.
    Holder(ExclusiveTokens& tokens, std::uint32_t uid);
    ~Holder();
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

   private:
    friend class ExclusiveTokens;
    std::size_t count() const { return wanted_ + held_.size(); }

    ExclusiveTokens& tokens_;
    std::uint32_t uid_;
    std::size_t wanted_ = 0;                     // Being minted.
    std::map<std::string, CacheEntryPtr> held_;  // By fingerprint.
  };

  // Why this holder cannot have one more; none if it can.
  std::optional<Error> why_full(const Holder& holder);

  // Calls back with an entry that is nowhere else. REQUIRES: not why_full().
  [[nodiscard]] OperationPtr get(Holder& holder, TokenOrder order, TokenBroker::Callback callback);

  // Ends a token that may not be given to the caller after all.
  void give_back(Holder& holder, const CacheEntry& entry);

  bool is_held_by(std::uint32_t uid, const std::string& fingerprint) const;

  // Takes away what is to be revoked.
  CondemnedTokens take_revoked(const RevocationTarget& target);

  using Visit = std::function<void(const CacheEntry& entry, std::uint32_t uid)>;
  void for_each(const Visit& visit) const;

 private:
  class Asking;

  static bool is_over(const CacheEntry& entry);
  void forget_expired();
  void end(const CacheEntry& entry, std::string_view reason);

  World world_;
  std::set<Holder*> holders_;
  std::uint64_t serial_ = 0;
};

}  // namespace tokman
