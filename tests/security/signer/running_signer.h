#pragma once
// The real tokman-signer with a configuration of its own, and ways to talk to it.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "libtokman/base/descriptor_message.h"
#include "libtokman/base/fd.h"
#include "libtokman/protocol/message.h"
#include "tests/support/temp_folder.h"

namespace tokman {

struct RunningSigner {
  static constexpr uid_t kNobody = 65534;

  TempFolder folder;
  Fd log_reading;
  std::string log;
  Fd peer;  // Our end of the socketpair, if it was spawned.
  pid_t pid = 0;
  std::function<void()> before_exec = [] {};  // In the new process.

  ~RunningSigner() { end(); }

  std::string path(const std::string& name) const { return folder.file(name); }
  void write_file(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path(name)) << text;
    ::chmod(path(name).c_str(), mode);
  }
  // The text of a configuration with one app, "ci", that has these files as its keys.
  std::string config(const std::vector<std::string>& keys) const {
    std::string list;
    for (const std::string& key : keys) list += "\"file:" + path(key) + "\",";
    return "[store]\nkey = \"env:STORE_KEY\"\n"
           "[[app]]\nname = \"ci\"\napp_id = 12345\nprivate_keys = [" +
           list + "]\n";
  }

  void spawn() {
    int ends[2];
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    peer.reset(ends[0]);
    const Fd theirs(ends[1]);
    run({"--fd", "3"}, theirs.get());
  }
  void listen(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--listen", path("socket")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    run(arguments, -1);
    wait_for_log("key loaded");
  }
  // As systemd does for a socket unit.
  void activate() {
    const Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un name = address();
    (void)!::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    (void)!::listen(listener.get(), 8);
    run({}, listener.get());
  }
  void run(std::vector<std::string> arguments, int fd_3,
           const char* program = TOKMAN_SIGNER_PROGRAM) {
    int ends[2];
    (void)!::pipe2(ends, O_CLOEXEC);
    log_reading.reset(ends[0]);
    const Fd log_writing(ends[1]);
    arguments.insert(arguments.begin(), {program, "--config", path("tokman.toml")});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid = ::fork();
    if (pid != 0) return;
    ::dup2(log_writing.get(), STDERR_FILENO);
    if (fd_3 == 3) ::fcntl(3, F_SETFD, 0);
    if (fd_3 > 3) ::dup2(fd_3, 3);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    before_exec();
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  void wait_for_log(const std::string& text) {
    while (log.find(text) == std::string::npos && read_log()) {
    }
  }
  bool read_log() {
    char buffer[4096];
    const ssize_t size = ::read(log_reading.get(), buffer, sizeof buffer);
    if (size > 0) log.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

  // Ends it, and reads the rest of its log.
  void end() {
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    wait();
    while (read_log()) {
    }
  }
  int wait() {
    int status = 0;
    ::waitpid(pid, &status, 0);
    pid = 0;
    return status;
  }

  sockaddr_un address() const {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path("socket").copy(name.sun_path, sizeof name.sun_path - 1);
    return name;
  }
  // Not valid if that is not allowed.
  Fd connect() {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un name = address();
    const auto* generic = reinterpret_cast<const sockaddr*>(&name);
    return ::connect(fd.get(), generic, sizeof name) == 0 ? std::move(fd) : Fd();
  }
  // The error's name is "EOF" if it ended the connection instead.
  static Reply call(int fd, const std::string& method, const std::string& parameters = "{}") {
    send(fd, frame_of(method, parameters));
    return receive(fd);
  }
  static std::string frame_of(const std::string& method, const std::string& parameters) {
    return R"({"method":"io.tokman.Signer.)" + method + R"(","parameters":)" + parameters + "}";
  }
  static Reply receive(int fd) {
    std::string answer;
    for (char byte = 1; byte != '\0';) {
      if (::recv(fd, &byte, 1, 0) != 1) return Reply{"EOF", {}, false};
      answer += byte;
    }
    answer.pop_back();
    return parse_reply(answer).value();
  }
  static void send(int fd, const std::string& frame) {
    ::send(fd, frame.data(), frame.size() + 1, MSG_NOSIGNAL);
  }
  Reply sign(const std::string& app = "ci") {
    return call(peer.get(), "SignAppJwt", R"({"app":")" + app + R"("})");
  }

  Reply verify(const std::string& signature, const Fd& body) {
    const std::string frame =
        frame_of("VerifyWebhook", R"({"app":"ci","signature":")" + signature + R"("})");
    send_with_descriptor(peer.get(), {frame.c_str(), frame.size() + 1}, body);
    return receive(peer.get());
  }

  // "Seccomp" of /proc/<pid>/status -> "2".
  std::string status_line(const std::string& name) const {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
    }
    return "";
  }
};

}  // namespace tokman
