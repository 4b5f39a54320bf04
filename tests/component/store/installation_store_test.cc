#include "daemon/services/store/installation_store.h"

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Installations : StoreWorld {
  std::unique_ptr<InstallationStore> installations;

  Installations() { restart(); }
  ~Installations() { installations.reset(); }

  void restart() {
    open();
    installations = std::make_unique<InstallationStore>(*database, *writer, log);
  }
  void put(std::string_view app, std::string_view owner, std::int64_t id) {
    installations->put(app, owner, {id, "Octo-Org"});
    write_all();
  }
  std::int64_t id_of(std::string_view app, std::string_view owner) {
    const auto found = installations->find(app, owner);
    return found ? found->id : 0;
  }
};

TEST(Installations, an_installation_is_known_after_a_restart) {
  fixture.put("ci", "octo-org", 4242);
  fixture.restart();
  const auto found = fixture.installations->find("ci", "octo-org");
  assert_true(found.has_value());
  assert_int_equal(found->id, 4242);
  assert_string_equal(found->account.c_str(), "Octo-Org");
}

TEST(Installations, app_and_owner_never_run_together) {
  fixture.put("ci", "octo", 1);
  fixture.put("cio", "cto", 2);
  assert_int_equal(fixture.id_of("ci", "octo"), 1);
  assert_int_equal(fixture.id_of("cio", "cto"), 2);
  assert_int_equal(fixture.id_of("c", "iocto"), 0);
}

TEST(Installations, a_dropped_installation_is_gone_at_once_and_after_a_restart) {
  fixture.put("ci", "octo-org", 4242);
  fixture.installations->drop("ci", "octo-org");
  assert_int_equal(fixture.id_of("ci", "octo-org"), 0);
  fixture.write_all();
  fixture.restart();
  assert_int_equal(fixture.id_of("ci", "octo-org"), 0);
}

TEST(Installations, a_corrupt_one_is_logged_and_dropped) {
  fixture.put("ci", "octo-org", 4242);
  fixture.close();
  fixture.corrupt("installations");
  fixture.restart();
  assert_int_equal(fixture.id_of("ci", "octo-org"), 0);
  fixture.write_all();
  assert_int_equal(fixture.id_of("ci", "octo-org"), 0);
  assert_int_equal(fixture.lines.count("stored installation dropped"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Installations, an_installation_is_known_after_a_restart),
      RUN(Installations, app_and_owner_never_run_together),
      RUN(Installations, a_dropped_installation_is_gone_at_once_and_after_a_restart),
      RUN(Installations, a_corrupt_one_is_logged_and_dropped),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
