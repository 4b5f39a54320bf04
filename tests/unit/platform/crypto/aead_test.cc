#include "daemon/platform/crypto/aead.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// Test case 16 of "The Galois/Counter Mode of Operation", which NIST refers to.
constexpr std::string_view kKey =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr std::string_view kNonce = "cafebabefacedbaddecaf888";
constexpr std::string_view kPlace = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view kPlain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr std::string_view kCipher =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
constexpr std::string_view kTag = "76fc6ece0f4e1768cddf8853bb2d551b";

struct Sealing {
  Aead aead{SecretBytes(from_hex(kKey))};
  std::string sealed = aead.seal(SecretBytes("a token"), "here").value();

  bool opens(std::string_view bytes, std::string_view place = "here") {
    return aead.open(bytes, place).ok();
  }
};

TEST(Sealing, what_the_standard_sealed_opens) {
  const std::string sealed = from_hex(kNonce) + from_hex(kCipher) + from_hex(kTag);
  const Result<SecretBytes> plain = fixture.aead.open(sealed, from_hex(kPlace));
  assert_true(plain.ok());
  assert_true(plain.value().reveal() == from_hex(kPlain));
}

TEST(Sealing, what_was_sealed_opens) {
  const Result<SecretBytes> plain = fixture.aead.open(fixture.sealed, "here");
  assert_true(plain.ok());
  assert_true(plain.value().reveal() == "a token");
}

TEST(Sealing, nothing_can_be_sealed_too) {
  const std::string sealed = fixture.aead.seal(SecretBytes(), "").value();
  assert_int_equal(sealed.size(), kAeadNonceBytes + kAeadTagBytes);
  assert_true(fixture.aead.open(sealed, "").value().empty());
}

TEST(Sealing, a_change_of_any_bit_is_noticed) {
  for (std::size_t i = 0; i < fixture.sealed.size(); ++i) {  // Nonce, text and tag.
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = fixture.sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      assert_false(fixture.opens(changed));
    }
  }
}

TEST(Sealing, a_value_cut_short_or_made_longer_does_not_open) {
  for (std::size_t size = 0; size < fixture.sealed.size(); ++size) {
    assert_false(fixture.opens(fixture.sealed.substr(0, size)));
  }
  assert_false(fixture.opens(fixture.sealed + '\0'));
}

TEST(Sealing, a_value_does_not_open_elsewhere) {
  assert_false(fixture.opens(fixture.sealed, "there"));
  assert_false(fixture.opens(fixture.sealed, ""));
}

TEST(Sealing, a_value_does_not_open_with_another_key) {
  Aead other(SecretBytes(std::string(kAeadKeyBytes, 'k')));
  const Result<SecretBytes> plain = other.open(fixture.sealed, "here");
  assert_false(plain.ok());
  assert_int_equal(plain.error().code, TOKMAN_E_STORE);
}

TEST(Sealing, it_goes_on_after_a_value_that_did_not_open) {
  assert_false(fixture.opens("not sealed at all, but long enough"));
  assert_true(fixture.opens(fixture.sealed));
}

TEST(Sealing, equal_values_are_never_sealed_alike) {
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) {
    const std::string sealed = fixture.aead.seal(SecretBytes("a token"), "here").value();
    nonces.insert(sealed.substr(0, kAeadNonceBytes));
  }
  assert_int_equal(nonces.size(), 1000);
}

TEST(Sealing, a_sealed_value_does_not_contain_the_plain_one) {
  assert_true(fixture.sealed.find("token") == std::string::npos);
}

TEST(Sealing, several_threads_may_seal_and_open) {
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, place = std::to_string(thread)] {
      for (int i = 0; i < 300; ++i) {
        const std::string sealed = fixture.aead.seal(SecretBytes(place), place).value();
        if (fixture.opens(sealed, place)) ++opened;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(opened, 900);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Sealing, what_the_standard_sealed_opens),
      RUN(Sealing, what_was_sealed_opens),
      RUN(Sealing, nothing_can_be_sealed_too),
      RUN(Sealing, a_change_of_any_bit_is_noticed),
      RUN(Sealing, a_value_cut_short_or_made_longer_does_not_open),
      RUN(Sealing, a_value_does_not_open_elsewhere),
      RUN(Sealing, a_value_does_not_open_with_another_key),
      RUN(Sealing, it_goes_on_after_a_value_that_did_not_open),
      RUN(Sealing, equal_values_are_never_sealed_alike),
      RUN(Sealing, a_sealed_value_does_not_contain_the_plain_one),
      RUN(Sealing, several_threads_may_seal_and_open),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
