#include "daemon/services/store/history_row.h"

#include <vector>

#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

constexpr UnixTime kNever{};  // Of a former expiry: there was none.

// What is empty is left out: there are millions of rows.
void set_text(json::Value& row, std::string_view name, const std::string& text) {
  if (!text.empty()) row.set(name, text);
}
template <class Number>
void set_number(json::Value& row, std::string_view name, const std::optional<Number>& number) {
  if (number) row.set(name, static_cast<std::int64_t>(*number));
}
void set_time(json::Value& row, std::string_view name, std::optional<UnixTime> time) {
  if (time) row.set(name, std::int64_t{time->time_since_epoch().count()});
}
void set_scopes(json::Value& row, std::string_view name, const ScopeNames& scopes) {
  row.set(name, std::vector<std::string>(scopes.begin(), scopes.end()));
}

UnixTime unix_time(std::int64_t seconds) { return UnixTime(std::chrono::seconds(seconds)); }
ScopeNames scope_names(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}
Error unknown(const std::string& what) {
  return Error{TOKMAN_E_STORE, "an entry of the history has an unknown " + what};
}

void set_actor(json::Value& row, const Actor& actor) {
  row.set("actor", actor.name);
  set_number(row, "uid", actor.uid);
  set_number(row, "gid", actor.gid);
  set_number(row, "pid", actor.pid);
  set_text(row, "unit", actor.unit);
  set_text(row, "program", actor.program);
  set_text(row, "ip", actor.ip);
}

void set_token(json::Value& row, const AccessTokenInfo& token) {
  row.set("token", token.key).set("type", json::Value::of(token_type_name(token.type)));
  row.set("username", token.username);
  set_text(row, "name", token.name);
  set_text(row, "service", token.service);
  set_scopes(row, "scopes", token.scopes);
  set_time(row, "created", token.created);
  set_time(row, "expires", token.expires);
  set_text(row, "parent", token.parent);
}

template <class Id>
std::optional<Id> as_id(const std::optional<std::int64_t>& number) {
  if (!number) return std::nullopt;
  return static_cast<Id>(*number);
}

void read_actor(json::ObjectReader& reader, Actor& actor) {
  std::optional<std::int64_t> uid;
  std::optional<std::int64_t> gid;
  std::optional<std::int64_t> pid;
  std::optional<std::string> unit;
  std::optional<std::string> program;
  std::optional<std::string> ip;
  reader.field("actor", actor.name).field("uid", uid).field("gid", gid).field("pid", pid);
  reader.field("unit", unit).field("program", program).field("ip", ip);
  actor.uid = as_id<uid_t>(uid);
  actor.gid = as_id<gid_t>(gid);
  actor.pid = as_id<pid_t>(pid);
  actor.unit = unit.value_or("");
  actor.program = program.value_or("");
  actor.ip = ip.value_or("");
}

Result<Done> read_token(json::ObjectReader& reader, AccessTokenInfo& token) {
  std::string type;
  std::optional<std::string> name;
  std::optional<std::string> service;
  std::vector<std::string> scopes;
  std::int64_t created = 0;
  std::optional<std::int64_t> expires;
  std::optional<std::string> parent;
  reader.field("token", token.key).field("type", type).field("username", token.username);
  reader.field("name", name).field("service", service).field("scopes", scopes);
  reader.field("created", created).field("expires", expires).field("parent", parent);
  const auto parsed = parse_token_type(type);
  if (!parsed) return unknown("type of token");
  token.type = *parsed;
  token.name = name.value_or("");
  token.service = service.value_or("");
  token.scopes = scope_names(scopes);
  token.created = unix_time(created);
  if (expires) token.expires = unix_time(*expires);
  token.parent = parent.value_or("");
  return Done{};
}

void set_former(json::Value& row, const HistoryEntry& entry) {
  if (entry.old_name) row.set("old_name", *entry.old_name);
  if (entry.old_scopes) set_scopes(row, "old_scopes", *entry.old_scopes);
  if (entry.old_expires) set_time(row, "old_expires", entry.old_expires->value_or(kNever));
}

void read_former(json::ObjectReader& reader, HistoryEntry& entry) {
  std::optional<std::vector<std::string>> scopes;
  std::optional<std::int64_t> expires;
  reader.field("old_name", entry.old_name).field("old_scopes", scopes);
  reader.field("old_expires", expires);
  if (scopes) entry.old_scopes = scope_names(*scopes);
  if (!expires) return;
  entry.old_expires.emplace();
  if (unix_time(*expires) != kNever) *entry.old_expires = unix_time(*expires);
}

}  // namespace

SecretBytes encode(const HistoryEntry& entry) {
  json::Value row = json::Value::object();
  row.set("kind", json::Value::of(history_kind_name(entry.kind)));
  row.set("action", json::Value::of(history_action_name(entry.action)));
  set_actor(row, entry.actor);
  if (entry.kind == HistoryKind::token) set_token(row, entry.token);
  set_text(row, "client", entry.client);
  set_text(row, "detail", entry.detail);
  set_former(row, entry);
  return row.dump_secret();
}

Result<HistoryEntry> decode_history_entry(const SecretBytes& bytes) {
  const Result<json::Value> value = json::parse(bytes.reveal(), kJsonDepthMax);
  if (!value.ok()) return value.error();
  HistoryEntry entry;
  std::string kind;
  std::string action;
  std::optional<std::string> client;
  std::optional<std::string> detail;
  json::ObjectReader reader(value.value());
  reader.field("kind", kind).field("action", action);
  const auto parsed_kind = parse_history_kind(kind);
  const auto parsed_action = parse_history_action(action);
  if (!parsed_kind || !parsed_action) return unknown("kind or action");
  entry.kind = *parsed_kind;
  entry.action = *parsed_action;
  read_actor(reader, entry.actor);
  if (entry.kind == HistoryKind::token) {
    if (Result<Done> read = read_token(reader, entry.token); !read.ok()) return read.error();
  }
  reader.field("client", client).field("detail", detail);
  entry.client = client.value_or("");
  entry.detail = detail.value_or("");
  read_former(reader, entry);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  return entry;
}

}  // namespace tokman
