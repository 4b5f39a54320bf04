// The rows of settings.h: defaults, ranges, and what a reload applies.
#include "daemon/domain/config/settings.h"
#include "libtokman/protocol/limits.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

using std::chrono::milliseconds;

TEST(ConfigFixture, a_store_key_is_all_that_must_be_said) {
  assert_string_equal(fixture.problems_with("").c_str(), "");
}

TEST(ConfigFixture, defaults_are_those_of_the_documentation) {
  const DaemonConfig daemon = fixture.build(fixture.store).config.daemon;
  assert_string_equal(daemon.state_directory.c_str(), "/var/lib/tokman");
  assert_string_equal(daemon.signer.c_str(), "spawn");
  assert_int_equal(daemon.socket_mode, 0660);
  assert_int_equal(daemon.call_timeout.count(), 25'000);
  assert_int_equal(daemon.stop_timeout.count(), 10'000);
  assert_int_equal(daemon.connections_per_uid, 512);
  assert_int_equal(daemon.calls_per_uid, 4096);
  assert_int_equal(daemon.calls_per_connection, 64);
  assert_int_equal(daemon.cache_entries_max, 20'000);
  assert_true(daemon.log_level == LogLevel::info);
}

TEST(ConfigFixture, the_default_socket_and_frame_are_those_of_the_library) {
  const DaemonConfig daemon = fixture.build(fixture.store).config.daemon;
  assert_string_equal(daemon.socket.c_str(), kDefaultSocket);
  assert_int_equal(daemon.frame_bytes_max, kFrameBytesMax);
}

TEST(ConfigFixture, every_kind_of_value_can_be_set) {
  const DaemonConfig daemon =
      fixture
          .build(fixture.store +
                 "[daemon]\nsocket = '/s'\nsocket_mode = '0600'\nlog_level = 'debug'\n"
                 "call_timeout = '1500ms'\ncalls_per_uid = 9\nframe_bytes_max = '1MiB'\n")
          .config.daemon;
  assert_string_equal(daemon.socket.c_str(), "/s");
  assert_int_equal(daemon.socket_mode, 0600);
  assert_true(daemon.log_level == LogLevel::debug);
  assert_int_equal(daemon.call_timeout.count(), 1500);
  assert_int_equal(daemon.calls_per_uid, 9);
  assert_int_equal(daemon.frame_bytes_max, 1024 * 1024);
}

TEST(ConfigFixture, a_duration_out_of_range_names_the_range) {
  assert_string_equal(fixture.problems_with("[daemon]\ncall_timeout = '11m'\n").c_str(),
                      "1.toml:4: 'daemon.call_timeout' must be a duration, \"1s\" to \"10m\"\n");
}

TEST(ConfigFixture, a_duration_needs_a_unit) {
  assert_string_not_equal(fixture.problems_with("[daemon]\ncall_timeout = 20\n").c_str(), "");
  assert_string_not_equal(fixture.problems_with("[daemon]\ncall_timeout = '20'\n").c_str(), "");
}

TEST(ConfigFixture, a_number_out_of_range_names_the_range) {
  assert_string_equal(
      fixture.problems_with("[daemon]\ncalls_per_connection = 0\n").c_str(),
      "1.toml:4: 'daemon.calls_per_connection' must be a whole number, 1 to 4096\n");
}

TEST(ConfigFixture, a_size_out_of_range_names_the_range) {
  assert_string_equal(fixture.problems_with("[daemon]\nframe_bytes_max = '1KiB'\n").c_str(),
                      "1.toml:4: 'daemon.frame_bytes_max' must be a size, \"64KiB\" to \"1MiB\"\n");
}

TEST(ConfigFixture, a_size_that_overflows_is_refused) {
  assert_string_not_equal(
      fixture.problems_with("[daemon]\nframe_bytes_max = '9007199254740993MiB'\n").c_str(), "");
}

TEST(ConfigFixture, a_mode_is_octal_text) {
  for (const char* mode : {"432", "'0980'", "'01000'", "''", "'-1'", "'0x1'"}) {
    const std::string text = std::string("[daemon]\nsocket_mode = ") + mode + "\n";
    assert_string_equal(
        fixture.problems_with(text).c_str(),
        "1.toml:4: 'daemon.socket_mode' must be a mode in octal, such as \"0660\"\n");
  }
}

TEST(ConfigFixture, an_unknown_log_level_names_the_known_ones) {
  assert_string_equal(fixture.problems_with("[daemon]\nlog_level = 'loud'\n").c_str(),
                      "1.toml:4: 'daemon.log_level' must be one of \"error\", \"warning\", "
                      "\"info\", \"debug\"\n");
}

TEST(ConfigFixture, a_socket_path_fits_its_address) {
  const std::string long_path = "[daemon]\nsocket = '/" + std::string(107, 'x') + "'\n";
  assert_string_not_equal(fixture.problems_with(long_path).c_str(), "");
}

TEST(ConfigFixture, control_characters_are_refused_in_any_text) {
  assert_string_not_equal(
      fixture.problems_with("[daemon]\nstate_directory = \"/a\\u0000b\"\n").c_str(), "");
}

TEST(ConfigFixture, a_reload_that_changes_nothing_needs_no_restart) {
  const Config config = fixture.build(fixture.store).config;
  assert_true(keys_needing_restart(config, config).empty());
}

TEST(ConfigFixture, keys_that_a_reload_does_not_apply_are_named) {
  const Config running = fixture.build(fixture.store).config;
  Config loaded = running;
  loaded.daemon.socket = "/other";
  loaded.store.key = "env:OTHER";
  loaded.store.previous_keys = {"env:ONE"};
  const std::vector<std::string> keys = keys_needing_restart(running, loaded);
  assert_int_equal(keys.size(), 3);
  assert_string_equal(keys[0].c_str(), "daemon.socket");
  assert_string_equal(keys[1].c_str(), "store.key");
  assert_string_equal(keys[2].c_str(), "store.previous_keys");
}

TEST(ConfigFixture, keys_that_a_reload_applies_need_no_restart) {
  const Config running = fixture.build(fixture.store).config;
  Config loaded = running;
  loaded.daemon.log_level = LogLevel::debug;
  assert_true(keys_needing_restart(running, loaded).empty());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ConfigFixture, a_store_key_is_all_that_must_be_said),
      RUN(ConfigFixture, defaults_are_those_of_the_documentation),
      RUN(ConfigFixture, the_default_socket_and_frame_are_those_of_the_library),
      RUN(ConfigFixture, every_kind_of_value_can_be_set),
      RUN(ConfigFixture, a_duration_out_of_range_names_the_range),
      RUN(ConfigFixture, a_duration_needs_a_unit),
      RUN(ConfigFixture, a_number_out_of_range_names_the_range),
      RUN(ConfigFixture, a_size_out_of_range_names_the_range),
      RUN(ConfigFixture, a_size_that_overflows_is_refused),
      RUN(ConfigFixture, a_mode_is_octal_text),
      RUN(ConfigFixture, an_unknown_log_level_names_the_known_ones),
      RUN(ConfigFixture, a_socket_path_fits_its_address),
      RUN(ConfigFixture, control_characters_are_refused_in_any_text),
      RUN(ConfigFixture, a_reload_that_changes_nothing_needs_no_restart),
      RUN(ConfigFixture, keys_that_a_reload_does_not_apply_are_named),
      RUN(ConfigFixture, keys_that_a_reload_applies_need_no_restart),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
