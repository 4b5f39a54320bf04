#include "daemon/services/secrets/command_secret.h"

#include <stdlib.h>

#include "daemon/platform/linux/program_output.h"
#include "daemon/services/secrets/local_secret.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> words;
  for (std::string_view word : split(command, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::vector<std::string> environment_for(const SecretsConfig& config) {
  std::vector<std::string> names = {"PATH", "HOME", "LANG", "CREDENTIALS_DIRECTORY"};
  names.insert(names.end(), config.command_environment.begin(), config.command_environment.end());
  std::vector<std::string> environment;
  for (const std::string& name : names) {
    const char* value = ::getenv(name.c_str());
    if (value != nullptr) environment.push_back(name + "=" + value);
  }
  return environment;
}

}  // namespace

Result<SecretBytes> read_command_secret(const std::string& command, const SecretsConfig& config) {
  Result<SecretBytes> output = read_program_output({.words = words_of(command),
                                                    .environment = environment_for(config),
                                                    .bytes_max = kSecretBytesMax,
                                                    .timeout = config.timeout});
  if (!output.ok() || !output.value().reveal().ends_with('\n')) return output;
  std::string_view text = output.value().reveal();
  text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return SecretBytes(text);
}

}  // namespace tokman
