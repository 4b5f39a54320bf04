#include "daemon/domain/tokens/retry_policy.h"

#include <algorithm>

namespace tokman {

using std::chrono::milliseconds;

std::optional<milliseconds> RetryPolicy::next_wait(const Error& error, double fraction) {
  if (tokman_error_is_retryable(error.code) == 0) return std::nullopt;
  constexpr milliseconds kFirst{250}, kLongest{8000};
  const milliseconds ceiling = std::min(kLongest, kFirst * (1 << std::min(failures_, 5)));
  ++failures_;
  if (error.retry_after) return *error.retry_after;
  return milliseconds(1 +
                      static_cast<std::int64_t>(fraction * static_cast<double>(ceiling.count())));
}

}  // namespace tokman
