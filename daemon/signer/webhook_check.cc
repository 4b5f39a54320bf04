#include "daemon/signer/webhook_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/system_error.h"
#include "daemon/platform/crypto/digest.h"
#include "daemon/platform/crypto/hmac.h"

namespace tokman {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

std::optional<int> hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return std::nullopt;
}

// The bytes that a signature stands for; none if it has another form.
std::optional<std::string> parse_signature(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256=";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() != 2 * kSha256Bytes) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
  }
  return bytes;
}

Error unreadable(std::string what) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, "the body " + std::move(what), "body"};
}

Result<Done> check_body(int body) {
  if (body < 0) return unreadable("is missing");
  struct stat facts {};
  if (::fstat(body, &facts) != 0) return system_error("looking at the body");
  if (!S_ISREG(facts.st_mode)) return unreadable("must be a memfd or another regular file");
  if (::lseek(body, 0, SEEK_SET) != 0) return system_error("going to the body's beginning");
  return Done{};
}

Result<Done> read_through(int body, std::vector<HmacSha256>& codes) {
  std::string chunk(kChunkBytes, '\0');
  std::size_t total = 0;
  for (;;) {
    const ssize_t count = ::read(body, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("reading the body");
    if (count == 0) return Done{};
    total += static_cast<std::size_t>(count);
    if (total > kWebhookBytesMax) return unreadable("is larger than 25 MiB");
    for (HmacSha256& code : codes) code.update({chunk.data(), static_cast<std::size_t>(count)});
  }
}

}  // namespace

Result<std::optional<std::size_t>> find_signing_secret(
    const std::vector<const SecretBytes*>& secrets, std::string_view signature, int body) {
  if (Result<Done> checked = check_body(body); !checked.ok()) return checked.error();
  const std::optional<std::string> wanted = parse_signature(signature);
  if (!wanted) return std::optional<std::size_t>();
  std::vector<HmacSha256> codes;
  for (const SecretBytes* secret : secrets) {
    Result<HmacSha256> code = HmacSha256::start(*secret);
    if (!code.ok()) return code.error();
    codes.push_back(std::move(code).value());
  }
  if (Result<Done> read = read_through(body, codes); !read.ok()) return read.error();
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (equal_in_constant_time(codes[i].finish(), *wanted) && !found) found = i;
  }
  return found;
}

}  // namespace tokman
