// tokman(1): the daemon from the command line.
#include <sys/prctl.h>

#include "libtokman/json/value.h"
#include "tools/tokman/command_line.h"
#include "tools/tokman/output.h"

int main(int count, char** arguments) {
  prctl(PR_SET_DUMPABLE, 0);  // Neither a core dump nor a debugger of the same user sees a token.
  tokman::json::install_wiping_allocator();
  tokman::Options options;
  const auto command = tokman::read_command_line(count, arguments, options);
  if (!command.ok()) return tokman::report(command.error(), options);
  if (command.value() == nullptr) return 0;
  const tokman::Result<int> done = command.value()->run(options);
  return done.ok() ? done.value() : tokman::report(done.error(), options);
}
