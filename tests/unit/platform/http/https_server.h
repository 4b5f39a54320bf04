#pragma once
// https_server.py as a child process, with an empty folder for its files.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tokman {

class HttpsServer {
 public:
  HttpsServer() {
    char name[] = "/tmp/tokman-https-XXXXXX";
    folder_ = mkdtemp(name);
    int input[2];
    int output[2];
    if (pipe(input) != 0 || pipe(output) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(input[0], STDIN_FILENO);
      dup2(output[1], STDOUT_FILENO);
      for (int fd : {input[0], input[1], output[0], output[1]}) close(fd);
      execl("/usr/bin/python3", "python3", "-Wignore", TOKMAN_HTTPS_SERVER, folder_.c_str(),
            nullptr);
      _exit(127);
    }
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    FILE* ports = fdopen(output[0], "r");
    if (fscanf(ports, "%d %d %d %d %d", &port, &other_port, &old_tls_port, &silent_port,
               &proxy_port) != 5) {
      std::abort();
    }
    fclose(ports);
  }
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;
  ~HttpsServer() {
    close(input_);  // This ends it.
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string text_of(const std::string& name) const {
    std::ifstream stream(file(name));
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  int port = 0;
  int other_port = 0;
  int old_tls_port = 0;
  int silent_port = 0;
  int proxy_port = 0;

 private:
  std::string folder_;
  pid_t pid_ = 0;
  int input_ = -1;
};

}  // namespace tokman
