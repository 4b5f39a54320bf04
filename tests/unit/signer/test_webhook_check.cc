// GitHub's signatures of webhooks, with the vector that its documentation publishes:
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
#include "daemon/signer/webhook_check.h"

#include "tests/support/memfd.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr std::string_view kBody = "Hello, World!";
constexpr std::string_view kSignature =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

struct Webhook {
  SecretBytes published{"It's a Secret to Everybody"};
  SecretBytes other{"another secret"};
  std::vector<const SecretBytes*> secrets = {&published};
  Fd body = make_memfd(kBody);

  // The index of the secret that fits, or "none", or the error's name.
  std::string check(std::string_view signature) {
    const auto found = find_signing_secret(secrets, signature, body.get());
    if (!found.ok()) return tokman_error_name(found.error().code);
    return found.value() ? std::to_string(*found.value()) : "none";
  }
};

TEST(Webhook, githubs_published_vector_is_valid) {
  assert_string_equal(fixture.check(kSignature).c_str(), "0");
}

TEST(Webhook, with_another_secret_it_is_not) {
  fixture.secrets = {&fixture.other};
  assert_string_equal(fixture.check(kSignature).c_str(), "none");
}

TEST(Webhook, all_active_secrets_are_tried) {
  fixture.secrets = {&fixture.other, &fixture.published};
  assert_string_equal(fixture.check(kSignature).c_str(), "1");
}

TEST(Webhook, of_equal_secrets_the_first_is_named) {
  fixture.secrets = {&fixture.published, &fixture.published};
  assert_string_equal(fixture.check(kSignature).c_str(), "0");
}

TEST(Webhook, each_bit_of_the_body_counts) {
  for (std::size_t bit = 0; bit < kBody.size() * 8; ++bit) {
    std::string changed(kBody);
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    fixture.body = make_memfd(changed);
    assert_string_equal(fixture.check(kSignature).c_str(), "none");
  }
}

TEST(Webhook, each_digit_of_the_signature_counts) {
  for (std::size_t i = 7; i < kSignature.size(); ++i) {
    std::string changed(kSignature);
    changed[i] = changed[i] == '0' ? '1' : '0';
    assert_string_equal(fixture.check(changed).c_str(), "none");
  }
}

TEST(Webhook, a_body_that_goes_on_is_another_body) {
  fixture.body = make_memfd(std::string(kBody) + '\0');
  assert_string_equal(fixture.check(kSignature).c_str(), "none");
}

TEST(Webhook, nul_bytes_in_a_body_are_bytes_like_others) {
  fixture.body = make_memfd(std::string_view("a\0b", 3));
  assert_string_equal(
      fixture.check("sha256=7268210784b35209c98c3a33a218c3c17018e8d875930d9cf70aafe51d110dd5")
          .c_str(),
      "0");
}

TEST(Webhook, an_empty_body_has_a_signature_too) {
  fixture.body = make_memfd("");
  assert_string_equal(
      fixture.check("sha256=66a0c074deaa0f489ead6537e0d32f9a344b90bbeda705b6ed45ecd3b413fb40")
          .c_str(),
      "0");
}

TEST(Webhook, other_forms_of_the_signature_are_not_valid) {
  const std::string hex(kSignature.substr(7));
  std::string upper = hex;
  for (char& letter : upper) letter = static_cast<char>(::toupper(letter));
  const std::string forms[] = {"",
                               hex,
                               "sha1=" + hex,
                               "SHA256=" + hex,
                               "sha256=",
                               "sha256=" + upper,
                               "sha256=" + hex + "0",
                               "sha256=" + hex.substr(1),
                               " sha256=" + hex,
                               "sha256= " + hex,
                               "sha256=" + hex + "\n",
                               "sha256=" + std::string(64, 'g')};
  for (const std::string& form : forms) {
    assert_string_equal(fixture.check(form).c_str(), "none");
  }
}

TEST(Webhook, a_body_may_have_25_mebibytes) {
  fixture.body = make_memfd(std::string(kWebhookBytesMax, 'x'));
  assert_string_equal(fixture.check(kSignature).c_str(), "none");
}

TEST(Webhook, a_longer_body_is_refused) {
  fixture.body = make_memfd(std::string(kWebhookBytesMax + 1, 'x'));
  assert_string_equal(fixture.check(kSignature).c_str(), "INVALID_ARGUMENT");
}

TEST(Webhook, a_pipe_is_no_body) {
  int ends[2];
  assert_int_equal(::pipe(ends), 0);
  const Fd reading(ends[0]), writing(ends[1]);
  fixture.body.reset(::dup(reading.get()));
  assert_string_equal(fixture.check(kSignature).c_str(), "INVALID_ARGUMENT");
}

TEST(Webhook, no_body_at_all_is_an_error) {
  fixture.body.reset();
  assert_string_equal(fixture.check(kSignature).c_str(), "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Webhook, githubs_published_vector_is_valid),
      RUN(Webhook, with_another_secret_it_is_not),
      RUN(Webhook, all_active_secrets_are_tried),
      RUN(Webhook, of_equal_secrets_the_first_is_named),
      RUN(Webhook, each_bit_of_the_body_counts),
      RUN(Webhook, each_digit_of_the_signature_counts),
      RUN(Webhook, a_body_that_goes_on_is_another_body),
      RUN(Webhook, nul_bytes_in_a_body_are_bytes_like_others),
      RUN(Webhook, an_empty_body_has_a_signature_too),
      RUN(Webhook, other_forms_of_the_signature_are_not_valid),
      RUN(Webhook, a_body_may_have_25_mebibytes),
      RUN(Webhook, a_longer_body_is_refused),
      RUN(Webhook, a_pipe_is_no_body),
      RUN(Webhook, no_body_at_all_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
