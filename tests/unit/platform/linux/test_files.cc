#include "daemon/platform/linux/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/cmocka_cpp.h"
#include "tests/support/temp_folder.h"

using namespace tokman;

namespace {

constexpr std::size_t kBytesMax = 64;

struct Folder {
  TempFolder folder;
  const std::string& path = folder.path();

  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(folder.file(name)) << text;
    ::chmod(folder.file(name).c_str(), mode);
    return folder.file(name);
  }
};

TEST(Folder, a_file_is_read_whole) {
  const auto content = read_file(fixture.file("key", "secret"), kBytesMax);
  assert_true(content.ok());
  assert_true(content.value().bytes.reveal() == "secret");
}

TEST(Folder, an_empty_file_is_read_as_empty) {
  const auto content = read_file(fixture.file("key", ""), kBytesMax);
  assert_true(content.ok());
  assert_true(content.value().bytes.empty());
}

TEST(Folder, a_file_of_just_the_limit_is_read) {
  assert_true(read_file(fixture.file("key", std::string(kBytesMax, 'x')), kBytesMax).ok());
}

TEST(Folder, a_file_beyond_the_limit_is_refused) {
  assert_false(read_file(fixture.file("key", std::string(kBytesMax + 1, 'x')), kBytesMax).ok());
}

TEST(Folder, the_permissions_of_the_file_are_told) {
  const auto content = read_file(fixture.file("key", "secret", 0640), kBytesMax);
  assert_int_equal(content.value().permissions, 0640);
}

TEST(Folder, the_owner_of_the_file_is_told) {
  const auto content = read_file(fixture.file("key", "secret"), kBytesMax);
  assert_int_equal(content.value().owner, ::geteuid());
}

TEST(Folder, a_link_tells_the_permissions_of_what_it_leads_to) {
  const std::string link = fixture.path + "/link";
  assert_int_equal(::symlink(fixture.file("key", "secret", 0644).c_str(), link.c_str()), 0);
  assert_int_equal(read_file(link, kBytesMax).value().permissions, 0644);
}

TEST(Folder, a_file_that_is_not_there_is_not_found) {
  const auto content = read_file(fixture.path + "/none", kBytesMax);
  assert_int_equal(content.error().code, TOKMAN_E_NOT_FOUND);
}

TEST(Folder, an_error_names_the_file) {
  const auto content = read_file(fixture.path + "/none", kBytesMax);
  assert_true(content.error().message.find(fixture.path + "/none") != std::string::npos);
}

TEST(Folder, a_fifo_is_refused_without_waiting_for_its_writer) {
  const std::string fifo = fixture.path + "/fifo";
  assert_int_equal(::mkfifo(fifo.c_str(), 0600), 0);
  assert_false(read_file(fifo, kBytesMax).ok());
}

TEST(Folder, a_directory_is_refused) { assert_false(read_file(fixture.path, kBytesMax).ok()); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Folder, a_file_is_read_whole),
      RUN(Folder, an_empty_file_is_read_as_empty),
      RUN(Folder, a_file_of_just_the_limit_is_read),
      RUN(Folder, a_file_beyond_the_limit_is_refused),
      RUN(Folder, the_permissions_of_the_file_are_told),
      RUN(Folder, the_owner_of_the_file_is_told),
      RUN(Folder, a_link_tells_the_permissions_of_what_it_leads_to),
      RUN(Folder, a_file_that_is_not_there_is_not_found),
      RUN(Folder, an_error_names_the_file),
      RUN(Folder, a_fifo_is_refused_without_waiting_for_its_writer),
      RUN(Folder, a_directory_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
