#include "daemon/services/config/config_loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "daemon/base/system_error.h"
#include "daemon/domain/config/secret_scheme.h"
#include "daemon/platform/linux/files.h"
#include "daemon/platform/toml/toml_text.h"
#include "daemon/services/secrets/local_secret.h"

namespace tokman {
namespace {

constexpr std::size_t kConfigBytesMax = 1024 * 1024;

using Problems = std::vector<ConfigProblem>;

// Hidden files are left out: editors leave them behind.
std::vector<std::string> find_files(const std::string& path, Problems& problems) {
  std::vector<std::string> files;
  const auto folder = std::filesystem::path(path).parent_path() / "conf.d";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto& file = entry->path();
    const bool is_hidden = file.filename().native().starts_with('.');
    if (file.extension() == ".toml" && !is_hidden) files.push_back(file);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    problems.push_back({{folder, 0}, "cannot be listed: " + error.message()});
  }
  std::sort(files.begin(), files.end());
  files.insert(files.begin(), path);
  return files;
}

void parse_into(std::string_view text, const std::string& file, std::vector<RawValue>& files,
                Problems& problems) {
  ParsedToml parsed = parse_toml(text, file);
  problems.insert(problems.end(), parsed.problems.begin(), parsed.problems.end());
  files.push_back(std::move(parsed.root));
}

void read_into(const std::string& path, std::vector<RawValue>& files, Problems& problems) {
  const Result<FileContent> file = read_file(path, kConfigBytesMax);
  if (!file.ok()) {
    problems.push_back({{}, file.error().message});
    return;
  }
  if ((file.value().permissions & S_IWOTH) != 0) {
    problems.push_back({{path, 0}, "may be written by everybody; run chmod o-w on it"});
  }
  parse_into(file.value().bytes.reveal(), path, files, problems);
}

enum class Secret : bool { no, yes };

// Looks without opening: tokmand never has a private key open.
std::optional<std::string> find_fault(const std::string& path, Secret secret) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error("cannot be used").message;
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) {
    return system_error("cannot be read").message;
  }
  return secret == Secret::yes ? find_exposure(status.st_mode) : std::nullopt;
}

// Only files: variables and credentials are there when systemd starts the service, and need not be
// when somebody checks the configuration.
void check_secret(const std::string& location, const SourcePlace& place, const std::string& owner,
                  Problems& problems) {
  const auto secret = parse_secret_place(location);
  if (!secret || secret->scheme != SecretScheme::file) return;
  if (const auto fault = find_fault(secret->name, Secret::yes)) {
    problems.push_back({place, owner + ": " + secret->name + " " + *fault});
  }
}

void check_readable(const std::string& path, const SourcePlace& place, const std::string& owner,
                    Problems& problems) {
  if (path.empty()) return;
  if (const auto fault = find_fault(path, Secret::no)) {
    problems.push_back({place, owner + ": " + path + " " + *fault});
  }
}

void check_files(const Config& config, ConfigReader reader, Problems& problems) {
  const bool has_keys = reader == ConfigReader::signer || config.daemon.signer == kSpawnSigner;
  for (const AppConfig& app : config.apps) {
    const std::string owner = "app '" + app.name + "'";
    for (const std::string& key : app.private_keys) {
      if (has_keys) check_secret(key, app.place, owner, problems);
    }
    if (reader == ConfigReader::daemon) check_readable(app.ca_file, app.place, owner, problems);
  }
  check_readable(config.secrets.ca_file, config.secrets.place, "secrets", problems);
  if (has_keys) {
    check_readable(config.secrets.pkcs11_module, config.secrets.place, "secrets", problems);
  }
  if (reader == ConfigReader::daemon) {
    check_secret(config.store.key, config.store.place, "store", problems);
    for (const std::string& key : config.store.previous_keys) {
      check_secret(key, config.store.place, "store", problems);
    }
  }
}

LoadedConfig finish(ConfigDraft draft) {
  if (draft.problems.empty()) {
    return {std::make_shared<const Config>(std::move(draft.config)), {}};
  }
  sort_problems(draft.problems);
  return {nullptr, std::move(draft.problems)};
}

}  // namespace

LoadedConfig load_config(const std::string& path, ConfigReader reader) {
  Problems problems;
  std::vector<RawValue> files;
  for (const std::string& file : find_files(path, problems)) read_into(file, files, problems);
  if (!problems.empty()) return finish({{}, std::move(problems)});
  ConfigDraft draft = build_config(files);
  check_files(draft.config, reader, draft.problems);
  return finish(std::move(draft));
}

LoadedConfig parse_config_text(std::string_view text, const std::string& file) {
  Problems problems;
  std::vector<RawValue> files;
  parse_into(text, file, files, problems);
  if (!problems.empty()) return finish({{}, std::move(problems)});
  return finish(build_config(files));
}

}  // namespace tokman
