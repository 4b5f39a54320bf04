#pragma once
// The doctor's examination where no daemon needs to run: `tokmand --doctor`.
//
// Reads what the daemon would read, with a signer of its own (or the one that the configuration
// names) and a store of its own that is thrown away: nothing of a running daemon is touched.
#include <string>

namespace tokman {

struct OfflineDoctorOptions {
  std::string config_path;
  std::string signer_program;
};

// Prints the findings; gives the exit status: 0 if all is good, 1 doubtful, 2 bad.
int run_offline_doctor(const OfflineDoctorOptions& options);

}  // namespace tokman
