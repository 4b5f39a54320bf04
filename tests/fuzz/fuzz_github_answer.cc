// What GitHub, or whoever answers in its place, sends: tokens, installations, apps, rate limits
// and refusals.
// The first byte says which of them.
#include "daemon/services/github/github_client.h"
#include "daemon/services/github/github_errors.h"
#include "libtokman/protocol/limits.h"
#include "tests/fuzz/check.h"

namespace {

constexpr int kRefusals[] = {401, 403, 404, 422, 429, 500, 503};

void check_refusal(std::uint8_t which, std::string_view body) {
  tokman::HttpResponse answer;
  answer.status = kRefusals[which % std::size(kRefusals)];
  answer.headers["retry-after"] = body.substr(0, 8);
  answer.headers["x-ratelimit-reset"] = body.substr(0, 12);
  answer.body = tokman::SecretBytes(body);
  const tokman::Error error = tokman::error_from_answer(answer);
  tokman::must_hold(error.code != TOKMAN_OK && error.github->status == answer.status);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body = tokman::as_text(data + 1, size - 1);
  if (data[0] == 'm') {
    const auto minted = tokman::parse_minted_token(body);
    if (!minted.ok()) return 0;
    tokman::must_hold(minted.value().text.size() >= tokman::kTokenBytesMin);
    tokman::must_hold(minted.value().text.size() <= tokman::kTokenBytesMax);
  } else if (data[0] == 'i') {
    const auto installation = tokman::parse_installation(body);
    tokman::must_hold(!installation.ok() || installation.value().id > 0);
  } else if (data[0] == 'a') {
    const auto app = tokman::parse_app(body);
    tokman::must_hold(!app.ok() || app.value().id > 0);
  } else if (data[0] == 'r') {
    const auto windows = tokman::parse_rate_limits(body);
    if (!windows.ok()) return 0;
    const tokman::UnixTime now{std::chrono::seconds(1'700'000'000)};
    for (const auto& window : windows.value()) {
      if (!tokman::check_rate_window(window, now).ok()) continue;
      tokman::must_hold(window.remaining >= 0 && window.remaining <= window.limit);
    }
  } else {
    check_refusal(data[0], body);
  }
  return 0;
}
