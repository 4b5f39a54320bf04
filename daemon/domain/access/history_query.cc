#include "daemon/domain/access/history_query.h"

#include <charconv>

namespace tokman {
namespace {

template <class T>
bool allows(const std::set<T>& wanted, const T& value) {
  return wanted.empty() || wanted.contains(value);
}
template <class T>
bool allows(const std::optional<T>& wanted, const std::optional<T>& value) {
  return !wanted || wanted == value;
}
bool allows(const std::string& wanted, const std::string& value) {
  return wanted.empty() || wanted == value;
}

// Digits alone, without a zero before them: a number has one form.
std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || text[0] == '-' || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  return number;
}

}  // namespace

bool HistoryFilter::matches(const HistoryEntry& entry) const {
  return (!since || entry.time >= *since) && (!until || entry.time <= *until) &&
         allows(kinds, entry.kind) && allows(actions, entry.action) && matches_subject(entry) &&
         matches_actor(entry.actor);
}

bool HistoryFilter::matches_subject(const HistoryEntry& entry) const {
  if (!allows(client, entry.client)) return false;
  const bool asks_for_tokens =
      !username.empty() || !key.empty() || !subtree.empty() || !types.empty();
  if (entry.kind == HistoryKind::client) return !asks_for_tokens;
  const AccessTokenInfo& token = entry.token;
  return allows(username, token.username) && allows(types, token.type) &&
         (allows(key, token.key) || key == token.parent) && allows(subtree, token.key);
}

bool HistoryFilter::matches_actor(const Actor& from) const {
  return allows(actor, from.name) && allows(unit, from.unit) && allows(uid, from.uid) &&
         allows(gid, from.gid) && (!address || address->contains(from.ip));
}

std::string HistoryCursor::text() const {
  return (towards == Towards::newer ? "p" : "") +
         std::to_string(place.time.time_since_epoch().count()) + "_" + std::to_string(place.number);
}

std::optional<HistoryCursor> parse_history_cursor(std::string_view text) {
  HistoryCursor cursor;
  if (text.starts_with('p')) {
    cursor.towards = HistoryCursor::Towards::newer;
    text.remove_prefix(1);
  }
  const std::size_t bar = text.find('_');
  if (bar == std::string_view::npos) return std::nullopt;
  const auto seconds = parse_number(text.substr(0, bar));
  const auto number = parse_number(text.substr(bar + 1));
  if (!seconds || !number) return std::nullopt;
  cursor.place = {UnixTime(std::chrono::seconds(*seconds)), static_cast<std::uint64_t>(*number)};
  return cursor;
}

}  // namespace tokman
