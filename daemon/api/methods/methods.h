#pragma once
// The handlers of all methods. Each reads its parameters, does its work, and answers its context.
namespace tokman {

class CallContext;

// io.tokman.Access
void handle_who_am_i(CallContext& context);
void handle_authenticate(CallContext& context);
void handle_get_verification_keys(CallContext& context);
void handle_create_session_token(CallContext& context);
void handle_create_user_token(CallContext& context);
void handle_create_token_from_admin_request(CallContext& context);
void handle_get_notebook_token(CallContext& context);
void handle_get_internal_token(CallContext& context);
void handle_create_oidc_token(CallContext& context);
void handle_get_data(CallContext& context);
void handle_get_token_info(CallContext& context);
void handle_list_access_tokens(CallContext& context);
void handle_modify_token(CallContext& context);
void handle_delete_token(CallContext& context);
void handle_get_change_history(CallContext& context);

// io.tokman.Clients
void handle_put_client(CallContext& context);
void handle_get_client(CallContext& context);
void handle_list_clients(CallContext& context);
void handle_rotate_client_key(CallContext& context);
void handle_disable_client(CallContext& context);
void handle_delete_client(CallContext& context);
void handle_revoke_client_logins(CallContext& context);

// io.tokman.Daemon
void handle_ping(CallContext& context);
void handle_health(CallContext& context);
void handle_status(CallContext& context);
void handle_reload(CallContext& context);
void handle_doctor(CallContext& context);
void handle_rotate_store_key(CallContext& context);
void handle_backup(CallContext& context);
void handle_expire_tokens(CallContext& context);
void handle_truncate_history(CallContext& context);
void handle_delete_all_tokens(CallContext& context);
void handle_audit(CallContext& context);

// io.tokman.GitHub
void handle_get_token(CallContext& context);
void handle_explain(CallContext& context);
void handle_resolve_installation(CallContext& context);
void handle_list_tokens(CallContext& context);
void handle_get_rate_limit(CallContext& context);
void handle_observe(CallContext& context);
void handle_report_rejected(CallContext& context);
void handle_revoke(CallContext& context);
void handle_verify_webhook(CallContext& context);
void handle_handle_webhook(CallContext& context);

// org.varlink.service
void handle_get_info(CallContext& context);
void handle_get_interface_description(CallContext& context);

}  // namespace tokman
