// io.tokman.Daemon: access tokens and their history as a whole.
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

// Answers with the count, under that name.
Maintenance::Callback answer_count(CallContext& context, const char* name) {
  return [&context, name](const Result<std::int64_t>& count) {
    if (!count.ok()) return context.fail(count.error());
    context.reply(json::Value::object().set(name, count.value()));
  };
}

json::Value report_json(const AuditReport& report) {
  json::Value findings = json::Value::array();
  for (const AuditFinding& found : report.findings) {
    json::Value row = json::Value::object();
    row.set("check", found.check).set("table", found.table).set("key", found.key);
    findings.append(row.set("detail", found.detail).set("fixed", found.is_fixed));
  }
  return json::Value::object().set("findings", findings).set("more", report.has_more);
}

void note(const CallContext& context) {
  context.services().audit.acted(context.caller().principal, context.call().method);
}

}  // namespace

void handle_expire_tokens(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  note(context);
  context.hold(context.services().maintenance.expire_tokens(answer_count(context, "expired")));
}

void handle_truncate_history(CallContext& context) {
  std::optional<std::int64_t> given;
  json::ObjectReader reader(context.call().parameters);
  reader.field("before", given);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  std::optional<UnixTime> before;
  if (given) before = UnixTime(std::chrono::seconds(*given));
  if (before && *before > context.services().clock.unix_now()) {
    return context.fail(Error{TOKMAN_E_INVALID_ARGUMENT, "'before' is in the future", "before"});
  }
  note(context);
  context.hold(
      context.services().maintenance.truncate_history(before, answer_count(context, "removed")));
}

void handle_delete_all_tokens(CallContext& context) {
  bool confirm = false;
  std::optional<bool> forget_history;
  json::ObjectReader reader(context.call().parameters);
  reader.field("confirm", confirm).field("forget_history", forget_history);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  if (!confirm) {
    return context.fail(Error{TOKMAN_E_INVALID_ARGUMENT,
                              "every access token would end; 'confirm' must say so", "confirm"});
  }
  note(context);
  const auto history = Maintenance::History{!forget_history.value_or(false)};
  context.hold(context.services().maintenance.delete_all_tokens(
      context.access_caller().actor, history, answer_count(context, "deleted")));
}

void handle_audit(CallContext& context) {
  std::optional<bool> fix;
  std::optional<bool> orphans;
  json::ObjectReader reader(context.call().parameters);
  reader.field("fix", fix).field("orphans", orphans);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  if (orphans.value_or(false) && !fix.value_or(false)) {
    return context.fail(Error{TOKMAN_E_INVALID_ARGUMENT, "'orphans' needs 'fix'", "orphans"});
  }
  note(context);
  auto mending = StoreAudit::Mending::none;
  if (fix.value_or(false)) mending = StoreAudit::Mending::fix;
  if (orphans.value_or(false)) mending = StoreAudit::Mending::fix_and_end_orphans;
  context.hold(
      context.services().store_audit.run(mending, [&context](const Result<AuditReport>& report) {
        if (!report.ok()) return context.fail(report.error());
        context.reply(report_json(report.value()));
      }));
}

}  // namespace tokman
