#pragma once
// An entry of an index: what leads to a record of another table.
#include <string>

#include "daemon/services/store/table_list.h"

namespace tokman {

struct IndexEntry {
  TableId table = TableId::meta;
  std::string key;
  std::string value = {};

  bool operator==(const IndexEntry&) const = default;
};

}  // namespace tokman
