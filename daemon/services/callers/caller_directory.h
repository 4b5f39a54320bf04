#pragma once
// Who a connection belongs to: the kernel's facts at accept, and the names of the ids.
//
// The facts come at once; names may have to be asked from a directory server, so they are looked
// up off the loop and remembered for a minute. A caller is complete only with both.
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/domain/policy/subject.h"
#include "libtokman/base/result.h"

namespace tokman {

struct Caller {
  Subject subject;
  std::string principal;  // For the audit log: "uid:1000(packit) unit:packit-worker@1.service".
};

class CallerDirectory {
 public:
  // REQUIRES: both outlive this object.
  CallerDirectory(Background& background, const Clock& clock)
      : background_(background), clock_(clock) {}

  // What the kernel knows. REQUIRES: `connection` is a connected Unix socket, just accepted.
  static Result<Caller> read(int connection);

  // Fills in the names if all are remembered; else false and nothing has changed.
  bool fill_names(Caller& caller) const;

  // Looks the missing names up; then fill_names() succeeds.
  [[nodiscard]] OperationPtr look_up_names(const Caller& caller, std::function<void()> callback);

 private:
  struct Name {
    std::optional<std::string> text;  // None: the id has no name.
    Instant good_until;
  };
  using Names = std::map<std::uint32_t, Name>;

  const Name* find(const Names& names, std::uint32_t id) const;
  void keep(Names& names, std::uint32_t id, std::optional<std::string> text);

  Background& background_;
  const Clock& clock_;
  Names users_;
  Names groups_;
};

}  // namespace tokman
