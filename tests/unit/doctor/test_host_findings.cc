// What the doctor makes of this host: configuration, socket, store, the signer's process.
#include "daemon/domain/doctor/host_findings.h"
#include "tests/support/builders.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr const char* kTitles = "Inter-|   Receive\n face |bytes\n";

struct HostFixture {
  HostFixture() {
    config.daemon.socket = "/run/tokman/tokman.sock";
    config.daemon.socket_group = "tokman";
    config.daemon.state_directory = "/var/lib/tokman";
    facts.socket = {0660, "tokman"};
    facts.store_bytes = 81920;
    facts.signer = {true, "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n", kLonely};
    facts.own_networks = kConnected;
  }

  const std::string kLonely = std::string(kTitles) + "    lo:  0\n";
  const std::string kConnected = std::string(kTitles) + "    lo:  0\n  eth0:  5\n";
  Config config;
  HostFacts facts;

  void fetch_keys_from(const std::string& place) {
    config.apps.push_back(make_app());
    config.apps.back().private_keys = {place};
  }
};

TEST(HostFixture, files_without_mistakes_are_good) {
  assert_true(worst_of(judge_configuration(fixture.facts)) == Verdict::good);
}

TEST(HostFixture, each_mistake_has_its_line) {
  fixture.facts.config_problems = {"tokman.toml:3: unknown key", "tokman.toml:9: is missing"};
  const Findings findings = judge_configuration(fixture.facts);
  assert_int_equal(findings.size(), 2);
  assert_true(findings[0].verdict == Verdict::bad);
  assert_string_equal(findings[0].text.c_str(), "tokman.toml:3: unknown key");
}

TEST(HostFixture, a_socket_as_configured_is_good) {
  assert_true(judge_socket(fixture.config.daemon, fixture.facts).verdict == Verdict::good);
}

TEST(HostFixture, a_socket_of_another_mode_is_bad) {
  fixture.facts.socket->mode = 0666;
  const Finding finding = judge_socket(fixture.config.daemon, fixture.facts);
  assert_true(finding.verdict == Verdict::bad);
  assert_string_equal(finding.text.c_str(),
                      "/run/tokman/tokman.sock has mode 0666 and group tokman; configured are "
                      "mode 0660 and group tokman");
}

TEST(HostFixture, a_socket_of_another_group_is_bad) {
  fixture.facts.socket->group = "users";
  assert_true(judge_socket(fixture.config.daemon, fixture.facts).verdict == Verdict::bad);
}

TEST(HostFixture, any_group_does_where_none_is_configured) {
  fixture.config.daemon.socket_group = "";
  fixture.facts.socket->group = "users";
  assert_true(judge_socket(fixture.config.daemon, fixture.facts).verdict == Verdict::good);
}

TEST(HostFixture, no_socket_is_doubtful) {
  fixture.facts.socket.reset();
  assert_true(judge_socket(fixture.config.daemon, fixture.facts).verdict == Verdict::doubtful);
}

TEST(HostFixture, a_store_that_fails_is_bad) {
  fixture.facts.store_error = "no space left on device";
  assert_true(judge_store(fixture.config.daemon, fixture.facts).verdict == Verdict::bad);
}

TEST(HostFixture, a_store_is_told_with_its_size) {
  assert_string_equal(judge_store(fixture.config.daemon, fixture.facts).text.c_str(),
                      "opens; 80 KiB in /var/lib/tokman");
}

TEST(HostFixture, a_store_that_is_not_there_yet_is_doubtful) {
  fixture.facts.store_bytes.reset();
  assert_true(judge_store(fixture.config.daemon, fixture.facts).verdict == Verdict::doubtful);
}

TEST(HostFixture, a_signer_in_its_sandbox_is_good) {
  assert_true(judge_signer(fixture.facts).verdict == Verdict::good);
}

TEST(HostFixture, a_signer_that_does_not_answer_is_bad) {
  fixture.facts.signer.is_reachable = false;
  assert_true(judge_signer(fixture.facts).verdict == Verdict::bad);
}

TEST(HostFixture, a_signer_without_seccomp_is_bad) {
  fixture.facts.signer.status = "NoNewPrivs:\t1\nSeccomp:\t0\n";
  assert_true(judge_signer(fixture.facts).verdict == Verdict::bad);
}

TEST(HostFixture, a_signer_that_may_gain_privileges_is_bad) {
  fixture.facts.signer.status = "NoNewPrivs:\t0\nSeccomp:\t2\n";
  assert_true(judge_signer(fixture.facts).verdict == Verdict::bad);
}

TEST(HostFixture, a_signer_that_cannot_be_looked_at_is_doubtful) {
  fixture.facts.signer.status = "";
  assert_true(judge_signer(fixture.facts).verdict == Verdict::doubtful);
}

TEST(HostFixture, a_signer_with_local_keys_needs_no_network) {
  fixture.fetch_keys_from("file:/ci.pem");
  assert_false(judge_signer_network(fixture.config, fixture.facts).has_value());
}

TEST(HostFixture, a_unit_that_denies_the_network_to_fetched_keys_is_bad) {
  fixture.fetch_keys_from("aws-secretsmanager:eu-west-1/ci-key");
  const auto finding = judge_signer_network(fixture.config, fixture.facts);
  assert_true(finding->verdict == Verdict::bad);
  assert_string_equal(finding->text.c_str(),
                      "secrets of ci come over the network, but the signer's unit denies it");
}

TEST(HostFixture, the_drop_in_that_allows_it_is_named) {
  fixture.fetch_keys_from("aws-secretsmanager:eu-west-1/ci-key");
  const std::string advice = judge_signer_network(fixture.config, fixture.facts)->advice;
  for (const char* words : {"tokman-signer.service.d/network.conf", "PrivateNetwork=no"}) {
    assert_true(advice.find(words) != std::string::npos);
  }
}

TEST(HostFixture, a_signer_with_a_network_can_fetch_keys) {
  fixture.fetch_keys_from("vault:secret/ci#key");
  fixture.facts.signer.networks = fixture.kConnected;
  assert_true(judge_signer_network(fixture.config, fixture.facts)->verdict == Verdict::good);
}

TEST(HostFixture, a_report_is_the_state_the_name_and_what_to_do) {
  assert_string_equal(report_lines({"store", Verdict::bad, "is full", "delete something"}).c_str(),
                      "bad       store: is full\n          to do: delete something");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(HostFixture, files_without_mistakes_are_good),
      RUN(HostFixture, each_mistake_has_its_line),
      RUN(HostFixture, a_socket_as_configured_is_good),
      RUN(HostFixture, a_socket_of_another_mode_is_bad),
      RUN(HostFixture, a_socket_of_another_group_is_bad),
      RUN(HostFixture, any_group_does_where_none_is_configured),
      RUN(HostFixture, no_socket_is_doubtful),
      RUN(HostFixture, a_store_that_fails_is_bad),
      RUN(HostFixture, a_store_is_told_with_its_size),
      RUN(HostFixture, a_store_that_is_not_there_yet_is_doubtful),
      RUN(HostFixture, a_signer_in_its_sandbox_is_good),
      RUN(HostFixture, a_signer_that_does_not_answer_is_bad),
      RUN(HostFixture, a_signer_without_seccomp_is_bad),
      RUN(HostFixture, a_signer_that_may_gain_privileges_is_bad),
      RUN(HostFixture, a_signer_that_cannot_be_looked_at_is_doubtful),
      RUN(HostFixture, a_signer_with_local_keys_needs_no_network),
      RUN(HostFixture, a_unit_that_denies_the_network_to_fetched_keys_is_bad),
      RUN(HostFixture, the_drop_in_that_allows_it_is_named),
      RUN(HostFixture, a_signer_with_a_network_can_fetch_keys),
      RUN(HostFixture, a_report_is_the_state_the_name_and_what_to_do),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
