#pragma once
// Every method of the daemon, in one list.
//
// To add a method: declare it in its .varlink file, write its handler in methods/, declare that in
// methods/methods.h, and add a line here. Authorization, introspection and docs/protocol.md
// follow; a test compares this list with the .varlink files.
#include <span>
#include <string_view>

#include "daemon/api/methods/methods.h"
#include "daemon/domain/policy/scope.h"

namespace tokman {

class CallContext;

struct Method {
  std::string_view name;  // Full: "io.tokman.GitHub.GetToken".
  Scope scope;            // What the caller must hold; checked before the parameters are read.
  void (*handle)(CallContext&);
  bool takes_descriptor = false;  // Others are called without the one that was sent along.
  Scope or_scope = Scope::none;   // Instead of `scope`; none: there is no other.
};

struct Interface {
  std::string_view name;
  std::string_view description;  // The text of its .varlink file.
  std::span<const Method> methods;
};

// clang-format off
inline constexpr Method kAccessMethods[] = {
    {"io.tokman.Access.WhoAmI",                      Scope::none,        handle_who_am_i},
    {"io.tokman.Access.Authenticate",                Scope::none,        handle_authenticate},
    {"io.tokman.Access.GetVerificationKeys",         Scope::none,
     handle_get_verification_keys},
    {"io.tokman.Access.CreateSessionToken",          Scope::user_token,
     handle_create_session_token, false, Scope::admin_token},
    {"io.tokman.Access.CreateUserToken",             Scope::user_token,  handle_create_user_token,
     false, Scope::admin_token},
    {"io.tokman.Access.CreateTokenFromAdminRequest", Scope::admin_token,
     handle_create_token_from_admin_request},
    {"io.tokman.Access.GetNotebookToken",            Scope::none,        handle_get_notebook_token},
    {"io.tokman.Access.GetInternalToken",            Scope::none,        handle_get_internal_token},
    {"io.tokman.Access.CreateOidcToken",             Scope::none,        handle_create_oidc_token},
    {"io.tokman.Access.GetData",                     Scope::none,        handle_get_data},
    {"io.tokman.Access.GetTokenInfo",                Scope::none,        handle_get_token_info},
    {"io.tokman.Access.ListTokens",                  Scope::user_token,  handle_list_access_tokens,
     false, Scope::admin_token},
    {"io.tokman.Access.ModifyToken",                 Scope::admin_token, handle_modify_token},
    {"io.tokman.Access.DeleteToken",                 Scope::user_token,  handle_delete_token, false,
     Scope::admin_token},
    // Own entries, all, or those of clients: each needs a scope of its own (history_rules.h).
    {"io.tokman.Access.GetChangeHistory",            Scope::none,        handle_get_change_history},
};

inline constexpr Method kClientsMethods[] = {
    {"io.tokman.Clients.Put",          Scope::admin_client, handle_put_client},
    {"io.tokman.Clients.Get",          Scope::none,         handle_get_client},
    {"io.tokman.Clients.List",         Scope::admin_client, handle_list_clients},
    {"io.tokman.Clients.RotateKey",    Scope::none,         handle_rotate_client_key},
    {"io.tokman.Clients.Disable",      Scope::admin_client, handle_disable_client},
    {"io.tokman.Clients.Delete",       Scope::admin_client, handle_delete_client},
    {"io.tokman.Clients.RevokeLogins", Scope::none,         handle_revoke_client_logins},
};

inline constexpr Method kDaemonMethods[] = {
    {"io.tokman.Daemon.Ping",            Scope::none,         handle_ping},
    {"io.tokman.Daemon.Health",          Scope::admin_daemon, handle_health},
    {"io.tokman.Daemon.Status",          Scope::admin_daemon, handle_status},
    {"io.tokman.Daemon.Reload",          Scope::admin_daemon, handle_reload},
    {"io.tokman.Daemon.Doctor",          Scope::admin_daemon, handle_doctor},
    {"io.tokman.Daemon.ExpireTokens",    Scope::admin_daemon, handle_expire_tokens},
    {"io.tokman.Daemon.TruncateHistory", Scope::admin_daemon, handle_truncate_history},
    {"io.tokman.Daemon.DeleteAllTokens", Scope::admin_daemon, handle_delete_all_tokens},
    {"io.tokman.Daemon.Audit",           Scope::admin_daemon, handle_audit},
    {"io.tokman.Daemon.RotateStoreKey",  Scope::admin_daemon, handle_rotate_store_key},
    {"io.tokman.Daemon.Backup",          Scope::admin_daemon, handle_backup, true},
};

inline constexpr Method kGitHubMethods[] = {
    {"io.tokman.GitHub.GetToken",            Scope::github_token, handle_get_token},
    {"io.tokman.GitHub.Explain",             Scope::github_token, handle_explain},
    {"io.tokman.GitHub.ResolveInstallation", Scope::github_token, handle_resolve_installation},
    {"io.tokman.GitHub.ListTokens",          Scope::github_token, handle_list_tokens},
    {"io.tokman.GitHub.GetRateLimit",        Scope::github_token, handle_get_rate_limit},
    {"io.tokman.GitHub.Observe",             Scope::github_token, handle_observe},
    {"io.tokman.GitHub.ReportRejected",      Scope::github_token, handle_report_rejected},
    {"io.tokman.GitHub.Revoke",              Scope::github_token, handle_revoke, false,
     Scope::admin_daemon},
    {"io.tokman.GitHub.VerifyWebhook",       Scope::github_webhook, handle_verify_webhook, true},
    {"io.tokman.GitHub.HandleWebhook",       Scope::github_webhook, handle_handle_webhook, true},
};

inline constexpr Method kVarlinkMethods[] = {
    {"org.varlink.service.GetInfo",                 Scope::none, handle_get_info},
    {"org.varlink.service.GetInterfaceDescription", Scope::none, handle_get_interface_description},
};
// clang-format on

// Everything tokmand serves, with the .varlink texts compiled in.
std::span<const Interface> served_interfaces();

}  // namespace tokman
