#include "daemon/domain/config/complaints.h"

#include "libtokman/base/text.h"

namespace tokman {

Complaints Complaints::of_key(std::string_view key) const {
  Complaints part = *this;
  part.key_.append(key_.empty() ? "" : ".").append(key);
  return part;
}

void Complaints::add(const SourcePlace& place, std::string_view what) const {
  push(place, (key_.empty() ? "" : "'" + key_ + "' ").append(what));
}

void Complaints::add_unknown(const SourcePlace& place, std::string_view key,
                             std::span<const std::string_view> known) const {
  push(place, "unknown key '" + std::string(key) + "'" + did_you_mean(key, known));
}

void Complaints::push(const SourcePlace& place, const std::string& message) const {
  problems_.push_back({place, owner_.empty() ? message : owner_ + ": " + message});
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const auto near = nearest(word, known);
  return near ? "; did you mean '" + std::string(*near) + "'?" : "";
}

}  // namespace tokman
