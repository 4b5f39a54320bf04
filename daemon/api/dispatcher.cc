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

// By which of the method's scopes the caller may call it.
std::optional<Scope> find_scope(const CallContext& context, const Method& method) {
  if (method.scope == Scope::none || context.has_scope(method.scope)) return method.scope;
  const bool has_other = method.or_scope != Scope::none && context.has_scope(method.or_scope);
  return has_other ? std::optional(method.or_scope) : std::nullopt;
}

Error lacks_scope(const CallContext& context, Scope scope) {
  return Error{TOKMAN_E_DENIED, "no grant gives " + context.caller().principal + " the scope " +
                                    std::string(scope_name(scope))};
}

// What the caller's grants allow it in a minute; what anybody may, if none is for it.
std::int64_t requests_per_minute(const CallContext& context, Scope scope) {
  const LiveConfig& live = context.services().live;
  const auto limits = live.policy().limits_of(context.caller().subject, scope);
  return limits ? limits->requests_per_minute : live.config().access.requests_per_minute;
}

// Counts the call if it is within the limit.
std::optional<Error> over_limit(const CallContext& context, Scope scope) {
  const Instant now = context.services().clock.now();
  const std::int64_t per_minute = requests_per_minute(context, scope);
  if (const auto wait = context.account().request_wait(per_minute, now)) {
    Error error{TOKMAN_E_RATE_LIMITED, context.caller().principal + " may make " +
                                           std::to_string(per_minute) + " calls a minute"};
    error.retry_after = wait;
    error.allowance = context.account().allowance(per_minute, now);
    return error;
  }
  context.account().take_request(per_minute, now);
  return std::nullopt;
}

std::optional<Error> why_refused(const CallContext& context, const Method& method) {
  // Whoever it is may ask whether there is a daemon.
  if (method.handle == handle_ping) return std::nullopt;
  if (context.services().live.policy().is_blocked(context.caller().subject)) {
    Error error{TOKMAN_E_BLOCKED, context.caller().principal + " is blocked by a grant"};
    error.allowance = Allowance{};
    return error;
  }
  const auto scope = find_scope(context, method);
  return scope ? over_limit(context, *scope) : lacks_scope(context, method.scope);
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
  if (!method->takes_descriptor) context.take_descriptor();  // Closed now, not with the answer.
  if (const auto error = why_refused(context, *method)) return context.fail(*error);
  method->handle(context);
}

}  // namespace tokman
