#include "daemon/api/dispatcher.h"

#include <algorithm>

#include "daemon/api/method_table.h"

namespace tokman {
namespace {

const Interface* find_interface(std::span<const Interface> interfaces, std::string_view method) {
  const std::string_view name = method.substr(0, method.rfind('.'));
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [name](const Interface& row) { return row.name == name; });
  return found == interfaces.end() ? nullptr : &*found;
}

const Method* find_method(const Interface& interface, std::string_view name) {
  const auto found = std::find_if(interface.methods.begin(), interface.methods.end(),
                                  [name](const Method& row) { return row.name == name; });
  return found == interface.methods.end() ? nullptr : &*found;
}

bool is_authorized(const CallContext& context, const Method& method) {
  if (method.scope == Scope::none || context.has_scope(method.scope)) return true;
  return method.or_scope != Scope::none && context.has_scope(method.or_scope);
}

Error lacks_scope(const CallContext& context, Scope scope) {
  return Error{TOKMAN_E_DENIED, "no grant gives " + context.caller().principal + " the scope " +
                                    std::string(scope_name(scope))};
}

// What the caller's grants allow it in a minute. Counts the call if it is within that.
std::optional<Error> over_limit(const CallContext& context, Scope scope) {
  if (scope == Scope::none) return std::nullopt;
  const Caller& caller = context.caller();
  const Instant now = context.services().clock.now();
  const std::int64_t per_minute =
      context.services().live.policy().limits_of(caller.facts, scope).requests_per_minute;
  if (const auto wait = context.account().request_wait(per_minute, now)) {
    return Error{TOKMAN_E_RATE_LIMITED,
                 caller.principal + " may make " + std::to_string(per_minute) + " calls a minute",
                 "", wait};
  }
  context.account().take_request(per_minute, now);
  return std::nullopt;
}

}  // namespace

void dispatch(CallContext& context) {
  const std::string& name = context.call().method;
  const Interface* interface = find_interface(context.interfaces(), name);
  if (interface == nullptr) {
    const std::string interface_name = name.substr(0, name.rfind('.'));
    return context.fail_as("org.varlink.service.InterfaceNotFound",
                           json::Value::object().set("interface", interface_name));
  }
  const Method* method = find_method(*interface, name);
  if (method == nullptr) {
    return context.fail_as("org.varlink.service.MethodNotFound",
                           json::Value::object().set("method", name));
  }
  if (!is_authorized(context, *method)) {
    return context.fail(lacks_scope(context, method->scope));
  }
  if (!method->takes_descriptor) context.take_descriptor();  // Closed now, not with the answer.
  if (const auto error = over_limit(context, method->scope)) return context.fail(*error);
  method->handle(context);
}

}  // namespace tokman
