#pragma once
// tests/support/secret_servers as a child process, and a configuration that leads to it.
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "daemon/domain/config/config.h"
#include "tests/support/temp_folder.h"

namespace tokman {

class SecretServers {
 public:
  SecretServers() {
    int input[2];
    int output[2];
    if (::pipe(input) != 0 || ::pipe(output) != 0) ::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input[0], STDIN_FILENO);
      ::dup2(output[1], STDOUT_FILENO);
      for (int fd : {input[0], input[1], output[0], output[1]}) ::close(fd);
      if (::chdir(TOKMAN_TEST_SUPPORT) != 0) ::_exit(127);
      ::execl("/usr/bin/python3", "python3", "-B", "-m", "secret_servers.servers",
              folder_.path().c_str(), nullptr);
      ::_exit(127);
    }
    ::close(input[0]);
    ::close(output[1]);
    input_ = ::fdopen(input[1], "w");
    output_ = ::fdopen(output[0], "r");
    const std::string ports = read_line();
    url_ = "https://127.0.0.1:" + ports.substr(0, ports.find(' '));
    metadata_url_ = "http://127.0.0.1:" + ports.substr(ports.find(' ') + 1);
  }
  SecretServers(const SecretServers&) = delete;
  SecretServers& operator=(const SecretServers&) = delete;
  ~SecretServers() {
    ::fclose(input_);  // This ends it.
    ::fclose(output_);
    ::waitpid(pid_, nullptr, 0);
  }

  // Changes what is served; gives what AWS was asked so far. Both as JSON, in servers.py.
  std::string change(const std::string& what) {
    ::fprintf(input_, "%s\n", what.c_str());
    ::fflush(input_);
    return read_line();
  }

  std::string write_file(const std::string& name, const std::string& text) const {
    const std::string path = folder_.file(name);
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
    return path;
  }

  SecretsConfig config() const {
    SecretsConfig config;
    config.timeout = std::chrono::seconds(5);
    config.aws_endpoint = url_;
    config.aws_metadata_endpoint = metadata_url_;
    config.vault_address = url_;
    config.vault_token = "file:" + folder_.file("vault-token");
    config.ca_file = folder_.file("ca.pem");
    return config;
  }
  const std::string& metadata_url() const { return metadata_url_; }

 private:
  std::string read_line() {
    char line[4096] = "";
    if (::fgets(line, sizeof line, output_) == nullptr) ::abort();
    return std::string(line, ::strcspn(line, "\n"));
  }

  TempFolder folder_;
  pid_t pid_ = 0;
  FILE* input_ = nullptr;
  FILE* output_ = nullptr;
  std::string url_;
  std::string metadata_url_;
};

}  // namespace tokman
