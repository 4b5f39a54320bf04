#pragma once
// Runs a program to its end and gives what it wrote to its standard output.
//
// There is no shell. The program gets the environment given and nothing of ours: no descriptor, no
// input, no signal mask; its folder is "/". It ends in time or is killed, with all of its process
// group, and so is whatever it leaves running. It must exit with 0; if not, the error has the first
// line of its standard error, and never a byte of its output.
#include <chrono>
#include <string>
#include <vector>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

struct ProgramCall {
  std::vector<std::string> words;        // The program's absolute path, then its arguments.
  std::vector<std::string> environment;  // "NAME=value"
  std::size_t bytes_max = 0;             // More output is an error.
  std::chrono::milliseconds timeout{};
};

// Waits. REQUIRES: words is not empty.
Result<SecretBytes> read_program_output(const ProgramCall& call);

}  // namespace tokman
