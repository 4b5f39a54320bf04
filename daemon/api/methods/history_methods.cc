// io.tokman.Access: what became of access tokens and clients.
#include <limits>

#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"
#include "daemon/domain/access/history_rules.h"

namespace tokman {
namespace {

Error invalid(const std::string& field, const std::string& what) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, "'" + field + "' " + what, field};
}

// As they were sent; numbers and names are not checked yet.
struct HistoryParameters {
  HistoryWish wish;
  std::optional<std::string> key;
  std::optional<bool> subtree;
  std::optional<std::string> client;
  std::optional<std::string> actor;
  std::optional<std::string> unit;
  std::optional<std::string> ip_or_cidr;
  std::optional<std::vector<std::string>> kinds;
  std::optional<std::vector<std::string>> types;
  std::optional<std::vector<std::string>> actions;
  std::optional<std::int64_t> uid;
  std::optional<std::int64_t> gid;
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> until;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  std::optional<bool> count;

  Result<Done> read(const json::Value& from) {
    return json::ObjectReader(from)
        .field("all", wish.all)
        .field("username", wish.username)
        .field("key", key)
        .field("subtree", subtree)
        .field("client", client)
        .field("actor", actor)
        .field("unit", unit)
        .field("ip_or_cidr", ip_or_cidr)
        .field("kinds", kinds)
        .field("types", types)
        .field("actions", actions)
        .field("uid", uid)
        .field("gid", gid)
        .field("since", since)
        .field("until", until)
        .field("limit", limit)
        .field("cursor", cursor)
        .field("count", count)
        .finish();
  }
};

Result<Done> take_text(const char* name, const std::optional<std::string>& from, std::string& to) {
  if (from && from->empty()) return invalid(name, "is empty");
  to = from.value_or("");
  return Done{};
}

template <class T>
Result<Done> take_names(const char* name, const std::optional<std::vector<std::string>>& from,
                        std::optional<T> (*parse)(std::string_view), std::set<T>& to) {
  if (from && from->empty()) return invalid(name, "is empty");
  for (const std::string& text : from.value_or(std::vector<std::string>())) {
    const auto parsed = parse(text);
    if (!parsed) return invalid(name, "has an unknown name in it");
    to.insert(*parsed);
  }
  return Done{};
}

Result<Done> take_id(const char* name, std::optional<std::int64_t> from, std::optional<uid_t>& to) {
  if (!from) return Done{};
  if (*from < 0 || *from > std::numeric_limits<uid_t>::max()) return invalid(name, "is no id");
  to = static_cast<uid_t>(*from);
  return Done{};
}

Result<Done> take_time(const char* name, std::optional<std::int64_t> from,
                       std::optional<UnixTime>& to) {
  if (from && *from < 0) return invalid(name, "is before 1970");
  if (from) to = UnixTime(std::chrono::seconds(*from));
  return Done{};
}

Result<Done> take_address(const std::optional<std::string>& from, std::optional<AddressRange>& to) {
  if (!from) return Done{};
  to = AddressRange::parse(*from);
  return to ? Result<Done>(Done{}) : invalid("ip_or_cidr", "is neither an address nor a range");
}

Result<HistoryFilter> make_filter(const HistoryParameters& parameters) {
  HistoryFilter filter;
  std::string username;
  for (const Result<Done>& taken :
       {take_text("username", parameters.wish.username, username),
        take_text("key", parameters.key, filter.key),
        take_text("client", parameters.client, filter.client),
        take_text("actor", parameters.actor, filter.actor),
        take_text("unit", parameters.unit, filter.unit),
        take_names("kinds", parameters.kinds, parse_history_kind, filter.kinds),
        take_names("types", parameters.types, parse_token_type, filter.types),
        take_names("actions", parameters.actions, parse_history_action, filter.actions),
        take_id("uid", parameters.uid, filter.uid), take_id("gid", parameters.gid, filter.gid),
        take_time("since", parameters.since, filter.since),
        take_time("until", parameters.until, filter.until),
        take_address(parameters.ip_or_cidr, filter.address)}) {
    if (!taken.ok()) return taken.error();
  }
  return filter;
}

Result<HistoryQuery> make_query(const HistoryParameters& parameters) {
  HistoryQuery query;
  Result<HistoryFilter> filter = make_filter(parameters);
  if (!filter.ok()) return filter.error();
  query.filter = std::move(filter).value();
  query.with_subtree = parameters.subtree.value_or(false);
  if (query.with_subtree && !parameters.key) return invalid("subtree", "needs a 'key'");
  const std::int64_t limit = parameters.limit.value_or(HistoryQuery::kLimitDefault);
  if (limit < 1 || limit > static_cast<std::int64_t>(HistoryQuery::kLimitMax)) {
    return invalid("limit", "must be from 1 to " + std::to_string(HistoryQuery::kLimitMax));
  }
  query.limit = static_cast<std::size_t>(limit);
  if (parameters.cursor) {
    query.cursor = parse_history_cursor(*parameters.cursor);
    if (!query.cursor) return invalid("cursor", "is none that an answer gave");
  }
  query.wants_total = parameters.count.value_or(false);
  return query;
}

void set_text(json::Value& row, std::string_view name, const std::string& text) {
  if (!text.empty()) row.set(name, text);
}
template <class Number>
void set_number(json::Value& row, std::string_view name, const std::optional<Number>& number) {
  if (number) row.set(name, static_cast<std::int64_t>(*number));
}
void set_scopes(json::Value& row, std::string_view name, const ScopeNames& scopes) {
  row.set(name, std::vector<std::string>(scopes.begin(), scopes.end()));
}
std::int64_t seconds(UnixTime time) { return time.time_since_epoch().count(); }

void set_token(json::Value& row, const HistoryEntry& entry) {
  const AccessTokenInfo& token = entry.token;
  row.set("token", token.key).set("type", json::Value::of(token_type_name(token.type)));
  row.set("username", token.username);
  set_text(row, "name", token.name);
  set_text(row, "service", token.service);
  set_scopes(row, "scopes", token.scopes);
  if (token.expires) row.set("expires", seconds(*token.expires));
  set_text(row, "parent", token.parent);
  if (entry.old_name) row.set("old_name", *entry.old_name);
  if (entry.old_scopes) set_scopes(row, "old_scopes", *entry.old_scopes);
  if (entry.old_expires) {
    const auto former = *entry.old_expires;
    row.set("old_expires", former ? seconds(*former) : std::int64_t{0});
  }
}

json::Value row_json(const HistoryRow& place_and_entry) {
  const HistoryEntry& entry = place_and_entry.entry;
  json::Value row = json::Value::object();
  row.set("id", HistoryCursor{place_and_entry.place}.text());
  row.set("event_time", seconds(entry.time));
  row.set("kind", json::Value::of(history_kind_name(entry.kind)));
  row.set("action", json::Value::of(history_action_name(entry.action)));
  row.set("actor", entry.actor.name);
  set_number(row, "uid", entry.actor.uid);
  set_number(row, "gid", entry.actor.gid);
  set_number(row, "pid", entry.actor.pid);
  set_text(row, "unit", entry.actor.unit);
  set_text(row, "program", entry.actor.program);
  set_text(row, "ip", entry.actor.ip);
  if (entry.kind == HistoryKind::token) set_token(row, entry);
  set_text(row, "client", entry.client);
  set_text(row, "detail", entry.detail);
  return row;
}

void answer(CallContext& context, const HistoryPage& page) {
  json::Value rows = json::Value::array();
  for (const HistoryRow& row : page.rows) rows.append(row_json(row));
  json::Value reply = json::Value::object().set("entries", rows);
  if (page.next) reply.set("next", page.next->text());
  if (page.prev) reply.set("prev", page.prev->text());
  if (page.total) reply.set("total", static_cast<std::int64_t>(*page.total));
  context.reply(reply);
}

}  // namespace

void handle_get_change_history(CallContext& context) {
  HistoryParameters parameters;
  if (Result<Done> read = parameters.read(context.call().parameters); !read.ok()) {
    return context.fail(read.error());
  }
  Result<HistoryQuery> query = make_query(parameters);
  if (!query.ok()) return context.fail(query.error());
  const Result<Done> narrowed =
      narrow_history(context.access_caller(), parameters.wish, query.value().filter);
  if (!narrowed.ok()) return context.fail(narrowed.error());
  context.hold(context.services().history.read(std::move(query).value(),
                                               [&context](const Result<HistoryPage>& page) {
                                                 if (!page.ok()) return context.fail(page.error());
                                                 answer(context, page.value());
                                               }));
}

}  // namespace tokman
