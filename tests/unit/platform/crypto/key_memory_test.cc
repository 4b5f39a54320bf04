#include "daemon/platform/crypto/key_memory.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/platform/crypto/rsa_key.h"
#include "libtokman/base/fd.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool is_readable = false;
  bool is_locked_and_not_dumped = false;
  std::string name;
};

std::vector<Mapping> mappings() {
  std::vector<Mapping> all;
  std::ifstream smaps("/proc/self/smaps");
  for (std::string line; std::getline(smaps, line);) {
    Mapping mapping;
    char access[5] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &mapping.begin, &mapping.end, access) == 3) {
      mapping.is_readable = access[0] == 'r';
      mapping.name = line.substr(line.rfind(' ') + 1);
      all.push_back(mapping);
    } else if (line.starts_with("VmFlags:")) {
      all.back().is_locked_and_not_dumped =
          line.find(" lo ") != std::string::npos && line.find(" dd ") != std::string::npos;
    }
  }
  return all;
}

// Part of a prime of the key, complemented: else the test itself would leave copies of it.
std::string masked_part_of_prime(const EVP_PKEY& key) {
  BIGNUM* prime = nullptr;
  EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_FACTOR1, &prime);
  unsigned char bytes[128] = {};
  BN_bn2lebinpad(prime, bytes, sizeof bytes);  // As OpenSSL's numbers lie in memory here.
  BN_clear_free(prime);
  std::string masked;
  for (std::size_t i = 32; i < 64; ++i) masked += static_cast<char>(~bytes[i]);
  wipe_memory(bytes, sizeof bytes);
  return masked;
}

bool found_at(const char* bytes, const std::string& masked, bool reversed) {
  for (std::size_t i = 0; i < masked.size(); ++i) {
    const std::size_t j = reversed ? masked.size() - 1 - i : i;
    if (bytes[i] != static_cast<char>(~masked[j])) return false;
  }
  return true;
}

std::size_t copies_in(const Mapping& mapping, const std::string& masked) {
  std::string memory(mapping.end - mapping.begin, '\0');
  const Fd self(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  const ssize_t size =
      pread(self.get(), memory.data(), memory.size(), static_cast<off_t>(mapping.begin));
  std::size_t copies = 0;
  for (ssize_t i = 0; i + static_cast<ssize_t>(masked.size()) <= size; ++i) {
    const char* at = memory.data() + i;
    if (found_at(at, masked, false) || found_at(at, masked, true)) ++copies;
  }
  wipe_memory(memory.data(), memory.size());
  return copies;
}

struct KeyMemory {
  std::string masked;
  std::size_t copies_inside = 0;
  std::size_t copies_outside = 0;

  std::string make_pem() {
    const OpenSslPtr<EVP_PKEY> key(EVP_RSA_gen(2048));
    masked = masked_part_of_prime(*key);
    const OpenSslPtr<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey_traditional(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
  }

  void look_for_copies() {
    for (const Mapping& mapping : mappings()) {
      if (!mapping.is_readable || mapping.name == "[vvar]") continue;
      const std::size_t copies = copies_in(mapping, masked);
      (mapping.is_locked_and_not_dumped ? copies_inside : copies_outside) += copies;
    }
  }
};

// What use_locked_memory_for_keys() says in a child of this process, after `prepare`.
std::string refusal_after(void (*prepare)()) {
  int ends[2] = {};
  assert_int_equal(pipe(ends), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  if (fork() == 0) {
    prepare();
    const Result<Done> locked = use_locked_memory_for_keys();
    const std::string said = locked.ok() ? "nothing" : locked.error().message;
    _exit(write(writing.get(), said.data(), said.size()) < 0);
  }
  writing.reset();
  char said[256] = "";
  const ssize_t size = read(reading.get(), said, sizeof said);
  wait(nullptr);
  return std::string(said, size > 0 ? static_cast<std::size_t>(size) : 0);
}

TEST(KeyMemory, it_is_refused_once_openssl_is_in_use) {
  const std::string refusal = refusal_after([] { OPENSSL_free(OPENSSL_malloc(1)); });
  assert_string_equal(refusal.c_str(), "OpenSSL was already in use");
}

TEST(KeyMemory, it_says_when_the_system_lets_no_memory_be_locked) {
  const std::string refusal = refusal_after([] {
    const rlimit none = {0, 0};
    setrlimit(RLIMIT_MEMLOCK, &none);
    if (geteuid() == 0 && setuid(65534) != 0) _exit(1);  // root may lock whatever the limit.
  });
  assert_true(refusal.starts_with("locking the [heap]: "));
}

TEST(KeyMemory, every_copy_of_a_key_in_use_is_locked_and_not_dumped) {
  const Result<Done> locked = use_locked_memory_for_keys();
  if (!locked.ok()) print_error("%s\n", locked.error().message.c_str());
  assert_true(locked.ok());
  const Result<RsaKey> key = RsaKey::load(SecretBytes(fixture.make_pem()));
  assert_true(key.ok());
  for (int i = 0; i < 10; ++i) assert_true(key.value().sign_rs256("text").ok());
  fixture.look_for_copies();
  assert_true(fixture.copies_inside > 0);
  assert_int_equal(fixture.copies_outside, 0);
}

TEST(KeyMemory, a_key_that_is_gone_has_left_nothing_behind) {
  assert_true(RsaKey::load(SecretBytes(fixture.make_pem())).ok());
  fixture.look_for_copies();
  assert_int_equal(fixture.copies_inside + fixture.copies_outside, 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(KeyMemory, it_is_refused_once_openssl_is_in_use),
      RUN(KeyMemory, it_says_when_the_system_lets_no_memory_be_locked),
      RUN(KeyMemory, every_copy_of_a_key_in_use_is_locked_and_not_dumped),
      RUN(KeyMemory, a_key_that_is_gone_has_left_nothing_behind),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
