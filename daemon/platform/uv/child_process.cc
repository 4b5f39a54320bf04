#include "daemon/platform/uv/child_process.h"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

std::vector<char*> argument_pointers(const ProgramToStart& program) {
  std::vector<char*> pointers = {const_cast<char*>(program.path.c_str())};
  for (const std::string& argument : program.arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));  // libuv does not write to it.
  }
  pointers.push_back(nullptr);
  return pointers;
}

uv_stdio_container_t inherited(int fd) {
  uv_stdio_container_t slot{};
  slot.flags = UV_INHERIT_FD;
  slot.data.fd = fd;
  return slot;
}

// By position: 0 and 1 are /dev/null, because that is what libuv makes of an ignored one.
std::vector<uv_stdio_container_t> descriptor_slots(const ProgramToStart& program) {
  uv_stdio_container_t ignored{};
  ignored.flags = UV_IGNORE;
  std::vector<uv_stdio_container_t> slots = {ignored, ignored, inherited(STDERR_FILENO)};
  for (int fd : program.fds) slots.push_back(inherited(fd));
  return slots;
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(Loop& loop, const ProgramToStart& program,
                                                          OnExit on_exit) {
  std::vector<char*> arguments = argument_pointers(program);
  std::vector<uv_stdio_container_t> slots = descriptor_slots(program);
  uv_process_options_t options{};
  options.file = program.path.c_str();
  options.args = arguments.data();
  options.stdio = slots.data();
  options.stdio_count = static_cast<int>(slots.size());
  options.exit_cb = on_child_exit;

  std::unique_ptr<ChildProcess> child(new ChildProcess(std::move(on_exit)));
  child->handle_.reset(new uv_process_t{});
  child->handle_->data = child.get();
  // Even a failed uv_spawn() leaves a handle that must be closed.
  const int failed = uv_spawn(loop.raw(), child->handle_.get(), &options);
  if (failed != 0) return system_error("starting " + program.path, -failed);
  child->pid_ = child->handle_->pid;
  child->running_ = true;
  return child;
}

ChildProcess::~ChildProcess() {
  if (!running_) return;
  handle_.reset();  // From here on libuv does not reap it.
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::terminate() {
  if (running_) ::kill(pid_, SIGTERM);
}

void ChildProcess::on_child_exit(uv_process_t* handle, int64_t status, int signal) {
  auto* self = static_cast<ChildProcess*>(handle->data);
  if (self == nullptr) return;
  self->running_ = false;
  const OnExit on_exit = std::move(self->on_exit_);
  on_exit({static_cast<int>(status), signal});  // *self may be gone from here on.
}

}  // namespace tokman
