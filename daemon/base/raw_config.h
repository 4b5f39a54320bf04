#pragma once
// Configuration as it was written: keys and values with the file and line they stand in.
//
// The first of three stages: text -> RawConfig -> Config (daemon/domain/config). Nothing here is
// checked; every later complaint can say where.
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tokman {

struct SourcePlace {
  std::string file;
  std::uint32_t line = 0;
};

struct RawValue;
struct RawEntry;
using RawList = std::vector<RawValue>;
using RawTable = std::vector<RawEntry>;  // In the order of the file.

struct RawValue {
  SourcePlace place;
  std::variant<std::string, std::int64_t, bool, double, RawList, RawTable> content;
};

struct RawEntry {
  std::string key;
  RawValue value;
};

struct ConfigProblem {
  SourcePlace place;
  std::string message;  // "unknown key 'soket'; did you mean 'socket'?"
};

}  // namespace tokman
