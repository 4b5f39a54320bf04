// Compiles as C99 with -pedantic-errors: the public headers, and a use of every function.
#include <tokman/admin.h>
#include <tokman/errors.h>
#include <tokman/export.h>
#include <tokman/tokman.h>

#include <stdio.h>

static int fetch(tokman_client *client, tokman_request *request) {
  tokman_token *token = NULL;
  int code = tokman_get(&token, client, "octo-org/hello-world");
  if (code != TOKMAN_OK) code = tokman_get_token(&token, client, request);
  if (code != TOKMAN_OK) {
    return tokman_error_is_retryable(code) + (tokman_client_error_message(client) == NULL) +
           (tokman_client_error_json(client) == NULL);
  }
  printf("%s %s %s\n", tokman_token_secret(token), tokman_token_fingerprint(token),
         tokman_token_json(token));
  code = tokman_token_expires_at(token) > tokman_token_minted_at(token) &&
         tokman_token_source(token) == TOKMAN_SOURCE_STALE;
  tokman_token_free(token);
  return code;
}

static int ask(tokman_client *client) {
  tokman_reply *reply = NULL;
  int code = tokman_admin_call(&reply, client, "io.tokman.Daemon.Ping", "{}");
  if (code == TOKMAN_OK) puts(tokman_reply_json(reply));
  tokman_reply_free(reply);
  return code;
}

static int end(tokman_client *client, const tokman_request *request) {
  tokman_rejection rejection = TOKMAN_REJECTION_SUPERSEDED;
  int pending = 0;
  int code = tokman_report_rejected(&rejection, client, request, "ZmluZ2Vy");
  if (code == TOKMAN_OK) code = tokman_revoke(&pending, client, "ZmluZ2Vy");
  return code + (rejection == TOKMAN_REJECTION_DROPPED) + pending;
}

int main(void) {
  tokman_client *client = NULL;
  tokman_request *request = NULL;
  int code = tokman_client_new(&client);
  if (code == 0) code = tokman_client_set_socket(client, "/run/tokman/tokman.sock");
  if (code == 0) code = tokman_client_set_timeout_ms(client, 1000);
  if (code == 0) code = tokman_client_connect(client);
  if (code == 0) code = tokman_request_new(&request, "octo-org");
  if (code == 0) code = tokman_request_set_app(request, "ci");
  if (code == 0) code = tokman_request_add_repository(request, "hello-world");
  if (code == 0) code = tokman_request_add_permission(request, "contents", TOKMAN_ACCESS_READ);
  if (code == 0) code = tokman_request_set_min_lifetime_s(request, 600);
  if (code == 0) code = tokman_request_set_priority(request, 100);
  if (code == 0) code = tokman_request_set_rejected(request, NULL);
  if (code == 0) code = tokman_request_set_exclusive(request, 1);
  if (code == 0) code = fetch(client, request) + ask(client) + end(client, request);
  tokman_request_free(request);
  tokman_client_free(client);
  printf("%s %s %d\n", tokman_error_name(code), tokman_error_text(code), tokman_version_number());
  return code;
}
