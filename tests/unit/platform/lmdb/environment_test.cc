#include "daemon/platform/lmdb/environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/cmocka_cpp.h"
#include "tests/support/temp_folder.h"

namespace tokman {
namespace {

namespace fs = std::filesystem;

struct Environment {
  TempFolder temp;
  std::string folder = temp.file("store");

  Result<EnvironmentPtr> open() { return open_environment({.folder = folder, .tables_max = 1}); }
  std::string refusal() {
    const auto opened = open();
    return opened.ok() ? "was opened" : opened.error().message;
  }
  static unsigned mode(const std::string& path) {
    struct stat facts = {};
    stat(path.c_str(), &facts);
    return facts.st_mode & 07777;
  }
};

TEST(Environment, a_missing_folder_is_made_for_the_owner_only) {
  assert_true(fixture.open().ok());
  assert_int_equal(Environment::mode(fixture.folder), 0700);
}

TEST(Environment, its_files_are_for_the_owner_only) {
  const mode_t before = umask(0);
  const auto opened = fixture.open();
  umask(before);
  assert_true(opened.ok());
  assert_int_equal(Environment::mode(fixture.folder + "/data.mdb"), 0600);
  assert_int_equal(Environment::mode(fixture.folder + "/lock.mdb"), 0600);
}

TEST(Environment, its_files_are_closed_on_exec) {
  const auto opened = fixture.open();
  int files = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = fs::read_symlink(entry.path(), gone).string();
    if (!target.starts_with(fs::canonical(fixture.folder).string())) continue;
    ++files;
    const int fd = std::stoi(entry.path().filename().string());
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
  assert_true(files >= 2);
}

TEST(Environment, a_folder_that_others_can_enter_is_refused_with_the_remedy) {
  mkdir(fixture.folder.c_str(), 0700);
  for (const mode_t mode : {0710u, 0705u, 0720u}) {
    chmod(fixture.folder.c_str(), mode);
    assert_true(fixture.refusal().find("chmod 0700 " + fixture.folder) != std::string::npos);
  }
}

TEST(Environment, a_folder_of_someone_else_is_refused) {
  if (geteuid() != 0) return;  // Only root can give a folder away.
  mkdir(fixture.folder.c_str(), 0700);
  assert_int_equal(chown(fixture.folder.c_str(), 65534, 65534), 0);
  assert_true(fixture.refusal().find("belongs to uid 65534") != std::string::npos);
}

TEST(Environment, a_store_that_another_process_has_open_is_refused) {
  const auto opened = fixture.open();
  const pid_t child = fork();
  if (child == 0) _exit(fixture.refusal().find("in use by another process") == std::string::npos);
  int status = -1;
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
}

TEST(Environment, a_folder_without_a_parent_is_refused) {
  fixture.folder = fixture.temp.file("no/such");
  assert_true(fixture.refusal().find("No such file") != std::string::npos);
}

TEST(Environment, a_file_in_place_of_the_folder_is_refused) {
  std::ofstream(fixture.folder) << "x";
  assert_true(fixture.refusal().find("Not a directory") != std::string::npos);
}

TEST(Environment, a_file_that_is_not_from_lmdb_is_refused_and_left_alone) {
  mkdir(fixture.folder.c_str(), 0700);
  const std::string path = fixture.folder + "/data.mdb";
  std::ofstream(path) << std::string(8192, 'x');
  const auto opened = fixture.open();
  assert_false(opened.ok());
  assert_int_equal(opened.error().code, TOKMAN_E_STORE);
  assert_int_equal(fs::file_size(path), 8192);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Environment, a_missing_folder_is_made_for_the_owner_only),
      RUN(Environment, its_files_are_for_the_owner_only),
      RUN(Environment, its_files_are_closed_on_exec),
      RUN(Environment, a_folder_that_others_can_enter_is_refused_with_the_remedy),
      RUN(Environment, a_folder_of_someone_else_is_refused),
      RUN(Environment, a_store_that_another_process_has_open_is_refused),
      RUN(Environment, a_folder_without_a_parent_is_refused),
      RUN(Environment, a_file_in_place_of_the_folder_is_refused),
      RUN(Environment, a_file_that_is_not_from_lmdb_is_refused_and_left_alone),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
