#pragma once
// A folder of its own with files in it, gone after the test.
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tokman {

class ConfigFolder {
 public:
  ConfigFolder() {
    char path[] = "/tmp/tokman-config-XXXXXX";
    folder_ = ::mkdtemp(path);
  }
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;
  ~ConfigFolder() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  // The path of the new file.
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::string file = path(name);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }

 private:
  std::string folder_;
};

}  // namespace tokman
