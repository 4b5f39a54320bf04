#include "daemon/main/offline_doctor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "daemon/base/version.h"
#include "daemon/main/store_keys.h"
#include "daemon/platform/crypto/openssl_random.h"
#include "daemon/platform/http/curl_http_client.h"
#include "daemon/platform/linux/line_writer.h"
#include "daemon/platform/linux/system_clock.h"
#include "daemon/platform/uv/loop.h"
#include "daemon/services/config/config_loader.h"
#include "daemon/services/operations/doctor.h"
#include "daemon/services/signer/signer_client.h"
#include "daemon/services/signer/signer_link.h"
#include "daemon/services/store/clock_store.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {
namespace {

int print_report(const Findings& findings) {
  for (const Finding& finding : findings) fmt::print("{}\n", report_lines(finding));
  return static_cast<int>(worst_of(findings));
}

// A folder that is gone with this object.
class ThrowawayFolder {
 public:
  ThrowawayFolder() {
    std::string path = std::filesystem::temp_directory_path(fault_) / "tokman-doctor-XXXXXX";
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~ThrowawayFolder() {
    if (!path_.empty()) std::filesystem::remove_all(path_, fault_);
  }
  ThrowawayFolder(const ThrowawayFolder&) = delete;
  ThrowawayFolder& operator=(const ThrowawayFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::error_code fault_;
  std::string path_;
};

// Why the daemon's own store would not open. One that is not there yet is no error.
std::string find_store_error(const Config& config) {
  const auto keys = read_store_keys(config);
  if (!keys.ok()) return keys.error().message;
  std::error_code fault;
  if (!std::filesystem::exists(config.daemon.state_directory + "/data.mdb", fault)) return "";
  const Result<Done> checked = Database::check(config.daemon.state_directory, keys.value());
  if (checked.ok()) return "";
  // Then a daemon has opened it, and that is just what was to be seen.
  const std::string& message = checked.error().message;
  return message.ends_with("is in use by another process") ? "" : message;
}

class OfflineDoctor {
 public:
  OfflineDoctor(OfflineDoctorOptions options, std::shared_ptr<const Config> config)
      : options_(std::move(options)), live_(std::move(config)) {}

  Result<Findings> examine();

 private:
  Result<Done> open_store();
  void open_signer();
  HostLook where_to_look() const;

  OfflineDoctorOptions options_;
  LiveConfig live_;
  LineWriter lines_{STDERR_FILENO};
  Log log_{lines_, LogLevel::error};
  Loop loop_;
  OpenSslRandom random_;
  CurlHttpClient http_{loop_, kVersion};
  ThrowawayFolder folder_;
  std::unique_ptr<Database> database_;
  std::optional<StoreWriter> store_writer_;
  std::optional<ClockStore> clock_store_;
  std::optional<SignerLink> signer_link_;
  std::optional<SignerClient> signer_;
  std::string store_error_;
};

Result<Findings> OfflineDoctor::examine() {
  store_error_ = find_store_error(live_.config());
  if (Result<Done> opened = open_store(); !opened.ok()) return opened.error();
  open_signer();
  AppJwts jwts(*signer_, loop_, loop_);
  GithubTime time(loop_, *clock_store_, log_);
  GithubTraffic traffic({time, loop_, loop_, random_, log_});
  GithubClient github(http_, jwts, time, traffic);
  Doctor doctor(
      {loop_, loop_, loop_, live_, jwts, github, time, [this] { return where_to_look(); }});
  Findings found;
  const OperationPtr examination = doctor.examine([&](const Findings& findings) {
    found = findings;
    loop_.stop();
  });
  loop_.run_until_stopped();
  return found;
}

Result<Done> OfflineDoctor::open_store() {
  std::string key(Database::kStoreKeyBytesMin + 1, '\0');  // A newline at its end does not count.
  random_.fill(key.data(), key.size());
  auto database = Database::open(folder_.path(), {SecretBytes(key)});
  if (!database.ok()) return within("a store for the time being", database.error());
  database_ = std::move(database).value();
  store_writer_.emplace(database_->store(), loop_, log_);
  clock_store_.emplace(*database_, *store_writer_, log_, this_boot());
  return Done{};
}

void OfflineDoctor::open_signer() {
  signer_link_.emplace(loop_, log_,
                       SignerLink::Place{live_.config().daemon.signer, options_.signer_program,
                                         options_.config_path});
  signer_.emplace(SignerClient::Ports{loop_, loop_, loop_, random_, log_},
                  [this] { return signer_link_->connect(); });
}

HostLook OfflineDoctor::where_to_look() const {
  return {options_.config_path, signer_link_->pid(), store_error_};
}

}  // namespace

int run_offline_doctor(const OfflineDoctorOptions& options) {
  LoadedConfig loaded = load_config(options.config_path, ConfigReader::daemon);
  if (!loaded.config) {
    HostFacts facts;
    for (const auto& problem : loaded.problems) facts.config_problems.push_back(to_string(problem));
    return print_report(judge_configuration(facts));
  }
  Result<Findings> findings = OfflineDoctor(options, std::move(loaded.config)).examine();
  if (!findings.ok()) {
    fmt::print(stderr, "tokmand: {}\n", findings.error().message);
    return -findings.error().code;
  }
  return print_report(findings.value());
}

}  // namespace tokman
