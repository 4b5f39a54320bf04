// org.varlink.service: what is served here (https://varlink.org/Service).
#include "daemon/api/call_context.h"
#include "daemon/api/method_table.h"
#include "daemon/api/methods/methods.h"
#include "daemon/base/version.h"

namespace tokman {
namespace {

void fail_parameter(CallContext& context, const Error& error) {
  context.fail_as("org.varlink.service.InvalidParameter",
                  json::Value::object().set("parameter", error.field));
}

}  // namespace

void handle_get_info(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) return fail_parameter(context, read.error());
  json::Value names = json::Value::array();
  for (const Interface& interface : context.interfaces()) {
    names.append(json::Value::of(interface.name));
  }
  context.reply(json::Value::object()
                    .set("vendor", "tokman")
                    .set("product", "tokmand")
                    .set("version", kVersion)
                    .set("url", "https://github.com/tokman/tokman")
                    .set("interfaces", names));
}

void handle_get_interface_description(CallContext& context) {
  std::string name;
  json::ObjectReader reader(context.call().parameters);
  reader.field("interface", name);
  if (Result<Done> read = reader.finish(); !read.ok()) return fail_parameter(context, read.error());
  for (const Interface& interface : context.interfaces()) {
    if (interface.name != name) continue;
    return context.reply(json::Value::object().set("description", interface.description));
  }
  context.fail_as("org.varlink.service.InterfaceNotFound",
                  json::Value::object().set("interface", name));
}

}  // namespace tokman
