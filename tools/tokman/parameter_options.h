#pragma once
// Options of a command that are parameters of a method: each goes under its name there into
// Options::given, so that what is not said on the command line is not sent.
//
//     ParameterOptions(command, options)
//         .text("name", "name", "What you call it").required()
//         .moment("--expires", "expires", Direction::ahead, "When it ends");
#include <functional>
#include <string>
#include <vector>

#include "tools/tokman/moments.h"
#include "tools/tokman/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name.
class Option;
}

namespace tokman {

class ParameterOptions {
 public:
  // Both must outlive the parsing.
  ParameterOptions(CLI::App& command, Options& options) : command_(command), options_(options) {}

  // `option` is "--name" or, for what stands without it, "name".
  ParameterOptions& text(const char* option, const char* field, const char* help);
  ParameterOptions& number(const char* option, const char* field, const char* help);
  ParameterOptions& length(const char* option, const char* field, const char* help);  // Seconds.
  ParameterOptions& moment(const char* option, const char* field, Direction direction,
                           const char* help);
  // --expires: a moment, or "never".
  ParameterOptions& end(const char* help);
  // Repeated, or with commas between; "none" is the empty list.
  ParameterOptions& texts(const char* option, const char* field, const char* help);
  ParameterOptions& numbers(const char* option, const char* field, const char* help);
  // "NAME=NUMBER", repeated; "none" is the empty map.
  ParameterOptions& number_map(const char* option, const char* field, const char* help);
  // The path of a file, or "-" for standard input; sets what it holds (secret_files.h).
  ParameterOptions& secret(const char* option, const char* field, const char* help);
  // Without a value; sets a truth.
  ParameterOptions& flag(const char* option, const char* field, const char* help);
  // --limit of a list, which is read page by page.
  ParameterOptions& page_limit();

  // What the help says besides.
  ParameterOptions& further(const char* help);

  // The last one must be given, is one of these, or is shown as that in the help.
  ParameterOptions& required();
  ParameterOptions& one_of(const std::vector<std::string>& texts);
  ParameterOptions& called(const char* type_name);

 private:
  using Texts = std::vector<std::string>;

  ParameterOptions& one(const char* option, const char* field, const char* help,
                        const std::function<json::Value(const std::string& text)>& read);
  ParameterOptions& several(const char* option, const char* field, const char* help,
                            const std::function<json::Value(const Texts& texts)>& read);

  CLI::App& command_;
  Options& options_;
  CLI::Option* last_ = nullptr;
};

}  // namespace tokman
