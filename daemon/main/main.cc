// tokmand: holds a GitHub App's credentials and hands out its installation tokens.
#include "daemon/main/command_line.h"

int main(int argc, char** argv) {
  return tokman::run_tokmand(argc, argv, tokman::served_interfaces());
}
