#include "daemon/services/audit/audit_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "libtokman/protocol/error_names.h"

namespace tokman {
namespace {

constexpr std::size_t kReceiptsMax = 256;  // Beyond it each time has its own line.

std::string iso_time(UnixTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace

void AuditLog::token_given(CacheEntry& entry, const std::string& principal,
                           const std::string& grant) {
  auto& receipts = entry.token->receipts;
  const auto known = std::find_if(receipts.begin(), receipts.end(), [&](const Receipt& receipt) {
    return receipt.principal == principal && receipt.grant == grant;
  });
  if (known != receipts.end()) {
    ++known->count;
    return;
  }
  if (receipts.size() < kReceiptsMax) receipts.push_back({principal, grant, 1});
  const LogField fields[] = {
      {"principal", principal},
      {"grant", grant},
      {"app", entry.app},
      {"target", entry.target},
      {"installation", entry.installation_id},
      {"fingerprint", entry.token->fingerprint},
      {"expires_at", iso_time(entry.token->expires_at)},
  };
  log_.audit("token-given", fields);
}

void AuditLog::token_ended(const CacheEntry& entry, std::string_view reason) {
  for (const Receipt& receipt : entry.token->receipts) {
    const LogField fields[] = {
        {"principal", receipt.principal},
        {"grant", receipt.grant},
        {"app", entry.app},
        {"target", entry.target},
        {"fingerprint", entry.token->fingerprint},
        {"times", static_cast<std::int64_t>(receipt.count)},
        {"reason", reason},
    };
    log_.audit("token-ended", fields);
  }
}

void AuditLog::refused(const Refused& refused) {
  ++refusals_;
  if (!reporting_) reporting_ = start_reporting();
  const auto left_out = limiter_.admit(refused.principal, clock_.now());
  if (!left_out) return;
  const LogField fields[] = {
      {"principal", refused.principal},   {"method", refused.method},
      {"target", refused.target},         {"error", wire_error_name(refused.error.code)},
      {"message", refused.error.message}, {"left_out", static_cast<std::int64_t>(*left_out)},
  };
  log_.audit("refused", fields);
}

void AuditLog::of_client(std::string_view event, const OfClient& what) {
  const LogField fields[] = {
      {"principal", what.principal}, {"client", what.client}, {"detail", what.detail}};
  log_.audit(event, fields);
}

void AuditLog::acted(const std::string& principal, std::string_view method) {
  const LogField fields[] = {{"principal", principal}, {"method", method}};
  log_.audit("acted", fields);
}

void AuditLog::flush() { write_left_out(Instant::max()); }

void AuditLog::write_left_out(Instant now) {
  for (const auto& [principal, count] : limiter_.take_left_out(now)) {
    const LogField fields[] = {{"principal", principal},
                               {"left_out", static_cast<std::int64_t>(count)}};
    log_.audit("refusals-left-out", fields);
  }
}

void AuditLog::report_left_out() {
  write_left_out(clock_.now());
  reporting_ = limiter_.is_idle() ? nullptr : start_reporting();
}

OperationPtr AuditLog::start_reporting() {
  return timers_.at(clock_.now() + std::chrono::minutes(1), [this] { report_left_out(); });
}

}  // namespace tokman
