// Webhooks that callers hand in: what is verified, what is applied, and what is refused.
#include "daemon/services/events/webhook_events.h"

#include <sys/mman.h>
#include <unistd.h>

#include "libtokman/base/memory_file.h"
#include "tests/component/events/event_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr const char* kSuspend =
    R"({"action":"suspend","installation":{"id":42,"app_id":12345,"account":{"login":"Octo-Org"}}})";

struct WebhookFixture : EventFixture {
  static std::shared_ptr<const Config> make_config() {
    auto config = std::make_shared<Config>();
    config->apps = {make_app()};
    return config;
  }

  LiveConfig live{make_config()};
  WebhookEvents webhooks{{live, loop.signer, actions, loop.background}};
  OperationPtr operation;
  std::optional<Error> error;
  HandledWebhook handled;
  WebhookDelivery delivery{"ci", "installation", "guid-1", "sha256=good"};

  static Fd file(std::string_view body) { return make_memory_file(body).value(); }

  void start(Fd body) {
    error.reset();
    handled = {};
    operation =
        webhooks.handle(delivery, std::move(body), [this](const Result<HandledWebhook>& result) {
          if (result.ok()) handled = result.value();
          if (!result.ok()) error = result.error();
        });
  }
  void hand_in(std::string_view body = kSuspend) {
    start(file(body));
    loop.run();
  }
  bool was_refused_with(tokman_error code) const { return error && error->code == code; }
};

TEST(WebhookFixture, a_webhook_that_github_signed_is_applied) {
  fixture.ask();
  fixture.octo().is_suspended = true;
  fixture.hand_in();
  assert_true(fixture.handled.applied);
  assert_string_equal(fixture.handled.action.c_str(), "suspend");
  assert_int_equal(fixture.broker().cache().size(), 0);
}

TEST(WebhookFixture, a_webhook_that_github_did_not_sign_changes_nothing) {
  fixture.ask();
  fixture.delivery.signature = "sha256=bad";
  fixture.hand_in();
  assert_true(fixture.was_refused_with(TOKMAN_E_SIGNATURE_INVALID));
  assert_int_equal(fixture.broker().cache().size(), 1);
}

TEST(WebhookFixture, a_delivery_that_was_handled_is_not_handled_again) {
  fixture.hand_in();
  fixture.ask();
  fixture.hand_in();
  assert_false(fixture.handled.applied);
  assert_string_equal(fixture.handled.reason.c_str(), "it was handled before");
  assert_int_equal(fixture.broker().cache().size(), 1);
}

TEST(WebhookFixture, a_delivery_that_failed_is_handled_when_it_comes_again) {
  fixture.hand_in("{");
  assert_true(fixture.was_refused_with(TOKMAN_E_INVALID_ARGUMENT));
  fixture.hand_in();
  assert_true(fixture.handled.applied);
}

TEST(WebhookFixture, only_the_last_thousand_deliveries_are_remembered) {
  for (int i = 0; i <= 1024; ++i) {
    fixture.delivery.id = "guid-" + std::to_string(i);
    fixture.hand_in();
  }
  fixture.delivery.id = "guid-0";
  fixture.hand_in();
  assert_true(fixture.handled.applied);
  fixture.delivery.id = "guid-1024";
  fixture.hand_in();
  assert_false(fixture.handled.applied);
}

TEST(WebhookFixture, an_event_that_means_nothing_is_told_so) {
  fixture.delivery.event = "push";
  fixture.hand_in("{}");
  assert_false(fixture.handled.applied);
  assert_string_equal(fixture.handled.reason.c_str(), "it changes nothing here");
}

TEST(WebhookFixture, a_webhook_about_another_apps_installation_is_refused) {
  fixture.hand_in(R"({"action":"suspend","installation":{"id":42,"app_id":666}})");
  assert_true(fixture.was_refused_with(TOKMAN_E_INVALID_ARGUMENT));
  assert_string_equal(fixture.error->field.c_str(), "body");
}

TEST(WebhookFixture, what_was_verified_is_applied_whatever_the_caller_writes_meanwhile) {
  Fd body(memfd_create("test", MFD_CLOEXEC));
  const std::string_view text = kSuspend;
  assert_int_equal(write(body.get(), text.data(), text.size()), text.size());
  const Fd callers(dup(body.get()));
  fixture.loop.signer.is_hanging = true;
  fixture.start(std::move(body));
  fixture.loop.run();
  assert_int_equal(pwrite(callers.get(), "XXXX", 4, 0), 4);
  fixture.loop.signer.is_hanging = false;
  fixture.loop.run();
  assert_true(fixture.handled.applied);
  const int seen = fixture.loop.signer.webhook_body.get();
  assert_true(read_memory_file(seen, text.size()).value() == text);
}

TEST(WebhookFixture, a_body_above_githubs_limit_is_refused) {
  Fd body(memfd_create("test", MFD_CLOEXEC));
  assert_int_equal(ftruncate(body.get(), 25 * 1024 * 1024 + 1), 0);
  fixture.start(std::move(body));
  fixture.loop.run();
  assert_true(fixture.was_refused_with(TOKMAN_E_INVALID_ARGUMENT));
  assert_int_equal(fixture.loop.signer.webhooks, 0);
}

TEST(WebhookFixture, a_body_that_is_no_memory_is_refused) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const Fd write_end(ends[1]);
  fixture.start(Fd(ends[0]));
  fixture.loop.run();
  assert_true(fixture.was_refused_with(TOKMAN_E_INVALID_ARGUMENT));
}

TEST(WebhookFixture, bodies_in_progress_are_bounded) {
  fixture.loop.signer.is_hanging = true;
  std::vector<OperationPtr> waiting;
  for (int i = 0; i < 4; ++i) {
    Fd body(memfd_create("test", MFD_CLOEXEC));
    assert_int_equal(ftruncate(body.get(), 25 * 1024 * 1024), 0);
    waiting.push_back(fixture.webhooks.verify("ci", "", std::move(body), [](const auto&) {}));
  }
  fixture.hand_in();
  assert_true(fixture.was_refused_with(TOKMAN_E_BUSY));
  waiting.clear();
  fixture.loop.signer.is_hanging = false;
  fixture.hand_in();
  assert_true(fixture.handled.applied);
}

TEST(WebhookFixture, a_caller_that_leaves_is_not_called_back) {
  fixture.start(fixture.file(kSuspend));
  fixture.operation.reset();
  fixture.loop.run();
  assert_false(fixture.handled.applied);
  assert_false(fixture.error.has_value());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(WebhookFixture, a_webhook_that_github_signed_is_applied),
      RUN(WebhookFixture, a_webhook_that_github_did_not_sign_changes_nothing),
      RUN(WebhookFixture, a_delivery_that_was_handled_is_not_handled_again),
      RUN(WebhookFixture, a_delivery_that_failed_is_handled_when_it_comes_again),
      RUN(WebhookFixture, only_the_last_thousand_deliveries_are_remembered),
      RUN(WebhookFixture, an_event_that_means_nothing_is_told_so),
      RUN(WebhookFixture, a_webhook_about_another_apps_installation_is_refused),
      RUN(WebhookFixture, what_was_verified_is_applied_whatever_the_caller_writes_meanwhile),
      RUN(WebhookFixture, a_body_above_githubs_limit_is_refused),
      RUN(WebhookFixture, a_body_that_is_no_memory_is_refused),
      RUN(WebhookFixture, bodies_in_progress_are_bounded),
      RUN(WebhookFixture, a_caller_that_leaves_is_not_called_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
