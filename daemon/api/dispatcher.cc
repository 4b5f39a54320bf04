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

// Counts the call if it is within the limit.
std::optional<Error> over_limit(CallContext& context, Scope scope) {
  const Instant now = context.services().clock.now();
  const std::int64_t per_minute = context.requests_per_minute(scope);
  CallerBudgets::Account& account = context.identity().account();
  if (const auto wait = account.request_wait(per_minute, now)) {
    Error error{TOKMAN_E_RATE_LIMITED, context.caller().principal + " may make " +
                                           std::to_string(per_minute) + " calls a minute"};
    error.retry_after = wait;
    error.allowance = account.allowance(per_minute, now);
    return error;
  }
  account.take_request(per_minute, now);
  return std::nullopt;
}

std::optional<Error> why_refused(CallContext& context, const Method& method) {
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

void call(CallContext& context, const Method& method) {
  if (const auto error = why_refused(context, method)) return context.fail(*error);
  method.handle(context);
}

void on_judged(CallContext& context, const Method& method, const Result<Done>& judged) {
  if (!judged.ok()) return context.fail(judged.error());
  call(context, method);
}

void on_prepared(CallContext& context, const Method& method, const Result<Done>& prepared) {
  if (!prepared.ok()) return context.fail(prepared.error());
  if (const auto judged = context.identity().judge()) return on_judged(context, method, *judged);
  context.fail(Error{TOKMAN_E_BUSY, "too many credentials at once; ask again", "auth"});
}

void identify(CallContext& context, const Method& method) {
  CallIdentity& identity = context.identity();
  if (const auto judged = identity.judge()) return on_judged(context, method, *judged);
  context.hold(identity.prepare([&context, &method](const Result<Done>& prepared) {
    on_prepared(context, method, prepared);
  }));
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
  identify(context, *method);
}

}  // namespace tokman
