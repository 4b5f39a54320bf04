// io.tokman.Daemon: Doctor, what is wrong and what to do about it.
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

json::Value finding_json(const Finding& finding) {
  json::Value row = json::Value::object();
  row.set("name", finding.name).set("state", json::Value::of(verdict_name(finding.verdict)));
  row.set("text", finding.text);
  if (!finding.advice.empty()) row.set("advice", finding.advice);
  return row;
}

}  // namespace

void handle_doctor(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return context.fail(read.error());
  context.hold(context.services().doctor.examine([&context](const Findings& findings) {
    json::Value rows = json::Value::array();
    for (const Finding& finding : findings) rows.append(finding_json(finding));
    context.reply(json::Value::object()
                      .set("state", json::Value::of(verdict_name(worst_of(findings))))
                      .set("findings", rows));
  }));
}

}  // namespace tokman
