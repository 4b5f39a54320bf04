#include "daemon/platform/linux/program_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon/base/system_error.h"
#include "daemon/platform/linux/system_clock.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::size_t kComplaintBytesMax = 200;

struct Pipe {
  Fd reading;
  Fd writing;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("making a pipe");
  Pipe made{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return made;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

// What posix_spawn() does in the new process before the program runs.
struct SpawnPlan {
  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};

  SpawnPlan(int output, int complaints) {
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&actions);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

// A process and its group, both gone when this object is.
class ProgramRun {
 public:
  explicit ProgramRun(pid_t pid)
      : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;
  ~ProgramRun() {
    if (pid_ > 0) (void)end();
  }

  int ended_fd() const { return ended_.get(); }

  // Kills what still runs; how the program had ended, as waitpid() tells it.
  int end() {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_;
  Fd ended_;
};

class OutputReader {
 public:
  OutputReader(const ProgramCall& call, const Fd& output, const Fd& complaints)
      : call_(call),
        output_(output),
        complaints_(complaints),
        bytes_(SecretBytes::with_size(call.bytes_max + 1)) {}

  // Until the program has ended, or is to be ended: for its time, or for its output's size.
  Result<Done> read_until_end(int ended_fd) {
    const Instant due = clock_.now() + call_.timeout;
    for (;;) {
      std::array<pollfd, 3> polled = {pollfd{output_.get(), POLLIN, 0},
                                      pollfd{complaints_.get(), POLLIN, 0},
                                      pollfd{ended_fd, POLLIN, 0}};
      if (output_ended_) polled[0].fd = -1;
      if (complaints_ended_) polled[1].fd = -1;
      const auto left = std::max(due - clock_.now(), std::chrono::milliseconds(0));
      const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(left.count()));
      if (ready < 0 && errno != EINTR) return system_error("waiting for it");
      read_all();
      if (size_ > call_.bytes_max) {
        return failure("wrote more than " + std::to_string(call_.bytes_max) + " bytes");
      }
      if (polled[2].revents != 0) return Done{};
      if (ready == 0) return failure("did not end within " + format_duration(call_.timeout));
    }
  }

  SecretBytes take_output() const { return SecretBytes(bytes_.reveal().substr(0, size_)); }

  Error failure(const std::string& what) const {
    const std::string_view line = split(complaint_, '\n').front();
    Error error{TOKMAN_E_SECRET_UNAVAILABLE, call_.words[0] + " " + what};
    if (!line.empty()) error.message.append(": ").append(line);
    return error;
  }

 private:
  void read_all() {
    while (!output_ended_ && size_ < bytes_.size()) {
      const ssize_t count = ::read(output_.get(), bytes_.writable() + size_, bytes_.size() - size_);
      if (count < 0) break;
      output_ended_ = count == 0;
      size_ += static_cast<std::size_t>(count);
    }
    char buffer[1024];
    while (!complaints_ended_) {
      const ssize_t count = ::read(complaints_.get(), buffer, sizeof buffer);
      if (count < 0) break;
      complaints_ended_ = count == 0;
      const std::size_t room = kComplaintBytesMax - complaint_.size();
      complaint_.append(buffer, std::min(room, static_cast<std::size_t>(count)));
    }
  }

  const ProgramCall& call_;
  const Fd& output_;
  const Fd& complaints_;
  SystemClock clock_;
  SecretBytes bytes_;
  std::size_t size_ = 0;
  std::string complaint_;
  bool output_ended_ = false;
  bool complaints_ended_ = false;
};

Result<pid_t> spawn(const ProgramCall& call, int output, int complaints) {
  const SpawnPlan plan(output, complaints);
  pid_t pid = 0;
  const int refused = ::posix_spawn(&pid, call.words[0].c_str(), &plan.actions, &plan.attributes,
                                    pointers(call.words).data(), pointers(call.environment).data());
  if (refused == 0) return pid;
  Error error = system_error("starting " + call.words[0], refused);
  error.code = TOKMAN_E_SECRET_UNAVAILABLE;
  return error;
}

}  // namespace

Result<SecretBytes> read_program_output(const ProgramCall& call) {
  Result<Pipe> output = make_pipe();
  Result<Pipe> complaints = make_pipe();
  if (!output.ok()) return output.error();
  if (!complaints.ok()) return complaints.error();
  const Result<pid_t> pid =
      spawn(call, output.value().writing.get(), complaints.value().writing.get());
  output.value().writing.reset();
  complaints.value().writing.reset();
  if (!pid.ok()) return pid.error();

  ProgramRun program(pid.value());
  OutputReader reader(call, output.value().reading, complaints.value().reading);
  if (Result<Done> read = reader.read_until_end(program.ended_fd()); !read.ok()) {
    return read.error();
  }
  const int status = program.end();
  if (WIFSIGNALED(status)) {
    return reader.failure("was ended by signal " + std::to_string(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return reader.failure("failed with status " + std::to_string(WEXITSTATUS(status)));
  }
  return reader.take_output();
}

}  // namespace tokman
