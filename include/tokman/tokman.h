/*
 * tokman.h - ask the local tokman daemon for GitHub App installation tokens.
 *
 *     tokman_client *client;
 *     tokman_token *token;
 *     tokman_client_new(&client);
 *     if (tokman_get(&token, client, "octo-org/hello-world") == 0) {
 *         use(tokman_token_secret(token));
 *         tokman_token_free(token);
 *     }
 *     tokman_client_free(client);
 *
 * Conventions, true for every function below unless its comment says otherwise:
 *
 * (1) Handles are opaque. X_new() makes one, X_free() ends it; X_free(NULL) does nothing.
 * (2) A function that can fail returns 0 or a negative TOKMAN_E_* code. Output parameters
 *     come first, are named *_out, and are left untouched on failure.
 * (3) Strings you pass are NUL-terminated UTF-8 and are copied. Strings you get are borrowed:
 *     they live until the handle they came from is changed or freed. Never free() them.
 * (4) *_at is a time in Unix seconds (int64_t); *_s is a duration in seconds, *_ms one in
 *     milliseconds.
 * (5) One thread at a time per client, with all that was made from it; different clients are
 *     independent. The library keeps no global state, starts no threads, installs no signal
 *     handler, logs nothing.
 * (6) After fork() the child may only free what it inherited: any other call on a client returns
 *     TOKMAN_E_FORKED. A client made in the child works.
 *
 * The words used here are GitHub's:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
 */
#ifndef TOKMAN_TOKMAN_H
#define TOKMAN_TOKMAN_H

#include <stddef.h>
#include <stdint.h>

#include <tokman/errors.h>
#include <tokman/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Types ------------------------------------------------------------------------------ */

typedef struct tokman_client  tokman_client;  /* One connection to the daemon.               */
typedef struct tokman_request tokman_request; /* Which token is wanted.                      */
typedef struct tokman_token   tokman_token;   /* A token and what it allows. Holds a secret. */

/* GitHub's levels of a permission, as in the "permissions" object of its REST API. */
typedef enum tokman_access {
    TOKMAN_ACCESS_READ  = 1,
    TOKMAN_ACCESS_WRITE = 2,
    TOKMAN_ACCESS_ADMIN = 3
} tokman_access;

/* Where the daemon took a token from. */
typedef enum tokman_source {
    TOKMAN_SOURCE_CACHE  = 1, /* It had one that lives long enough.                                   */
    TOKMAN_SOURCE_MINTED = 2, /* GitHub has just made it.                                             */
    TOKMAN_SOURCE_STALE  = 3  /* GitHub fails; this one still works, but ends sooner than asked for. */
} tokman_source;

/* What became of a token that was reported as rejected. */
typedef enum tokman_rejection {
    TOKMAN_REJECTION_DROPPED         = 1, /* It is gone: the next one asked for is a new one.       */
    TOKMAN_REJECTION_SUPERSEDED      = 2, /* The daemon has another one by now: ask for it.         */
    TOKMAN_REJECTION_REPLICATION_LAG = 3, /* It is seconds old: GitHub will know it soon.           */
    TOKMAN_REJECTION_RATE_LIMITED    = 4  /* You reject too often: nothing was done.                */
} tokman_rejection;

/* ---- Client ----------------------------------------------------------------------------- */

/* Fails only with TOKMAN_E_NO_MEMORY. Nothing is opened until the first call that needs it. */
TOKMAN_API int tokman_client_new(tokman_client **client_out);

/* Default: $TOKMAN_SOCKET (ignored in set-user-ID programs), else /run/tokman/tokman.sock. */
TOKMAN_API int tokman_client_set_socket(tokman_client *client, const char *path);

/* Limit for each call, from start to end, reconnecting included. Default 30000; 0: none. */
TOKMAN_API int tokman_client_set_timeout_ms(tokman_client *client, uint32_t timeout_ms);

/*
 * What the daemon shall judge in place of this process: an access token ("tmk_...") or a JWT of a
 * client, sent with every call from now on. NULL: none again. It is copied, wiped when it is
 * replaced or the client freed, and not looked at before the next call: that one then fails with
 * TOKMAN_E_UNAUTHENTICATED or TOKMAN_E_TOKEN_EXPIRED if the daemon does not accept it, and never
 * falls back to what the process may. A call whose parameters have an "auth" shows that one.
 */
TOKMAN_API int tokman_client_set_credential(tokman_client *client, const char *token_or_jwt);

/*
 * The same by logging in at once with a client's id and key: io.tokman.Access.Authenticate. Both
 * are kept, so that the login, which ends after minutes, is renewed: shortly before its end, and
 * when the daemon refuses it, which repeats the refused call once. On failure nothing is changed:
 * TOKMAN_E_INVALID_ARGUMENT, with nothing sent, if one of them is NULL or empty;
 * TOKMAN_E_UNAUTHENTICATED if they are not right; TOKMAN_E_BUSY if too many log in.
 */
TOKMAN_API int tokman_client_login(tokman_client *client, const char *client_id,
                                   const char *client_key);

/*
 * Optional: every call connects when it has to. A client that was never connected gives up after
 * one second if no daemon is there (TOKMAN_E_DAEMON_UNREACHABLE); one that was connected waits for
 * a restarted daemon as long as its timeout allows. TOKMAN_E_SYSTEM if the socket may not be used.
 */
TOKMAN_API int tokman_client_connect(tokman_client *client);

/* What went wrong in this client's last failed call, in words; "" if nothing did. */
TOKMAN_API const char *tokman_client_error_message(tokman_client *client);

/*
 * The same for programs: the JSON object of the daemon's error reply, "{}" if there was none.
 * Fields: message, retryable, retry_after_ms?, field?, github? {status, message, request_id}, and
 * of a limit of calls limit?, remaining?, reset_ms?.
 */
TOKMAN_API const char *tokman_client_error_json(tokman_client *client);

TOKMAN_API void tokman_client_free(tokman_client *client);

/* ---- Getting a token -------------------------------------------------------------------- */

/*
 * A token for one repository ("octo-org/hello-world") with the permissions your grant gives, or
 * for a whole installation ("octo-org") if a grant names the owner. Blocks; connects if needed;
 * reconnects to a restarted daemon within the client's timeout. The caller owns *token_out.
 */
TOKMAN_API int tokman_get(tokman_token **token_out, tokman_client *client, const char *target);

/* The same with all there is to choose. The request is not changed and may be used again. */
TOKMAN_API int tokman_get_token(tokman_token **token_out, tokman_client *client,
                                const tokman_request *request);

/*
 * Says that GitHub refused (401 or 403) the token with this fingerprint, which the request got.
 * tokman_request_set_rejected() does the same and gets the next token in one call.
 */
TOKMAN_API int tokman_report_rejected(tokman_rejection *rejection_out, tokman_client *client,
                                      const tokman_request *request, const char *fingerprint);

/*
 * Ends a token, for good: here at once, and at GitHub. Yours are exclusive tokens; others need the
 * scope admin:daemon. *pending_out is 0 when GitHub has confirmed it, 1 while the daemon still has
 * to try; pending_out may be NULL.
 */
TOKMAN_API int tokman_revoke(int *pending_out, tokman_client *client, const char *fingerprint);

/* ---- Request: which token is wanted ----------------------------------------------------- */

/* A request is a plain value: it may be reused, and shared by clients on the same thread. */
TOKMAN_API int tokman_request_new(tokman_request **request_out, const char *target);

/* Which app, by its name in the daemon's configuration. Needed only where several would do. */
TOKMAN_API int tokman_request_set_app(tokman_request *request, const char *app);

/* A further repository of the same owner, without the owner: "hello-world". At most 500. */
TOKMAN_API int tokman_request_add_repository(tokman_request *request, const char *name);

/* GitHub's name of a permission, such as "contents". None added: those of your grant. */
TOKMAN_API int tokman_request_add_permission(tokman_request *request, const char *permission,
                                             tokman_access access);

/* The token shall live at least this long. Default: the daemon's (5 minutes); at most 3300. */
TOKMAN_API int tokman_request_set_min_lifetime_s(tokman_request *request, uint32_t lifetime_s);

/* 0 to 1000, 0 by default: who goes first where mints have to wait. Your grant has the limit. */
TOKMAN_API int tokman_request_set_priority(tokman_request *request, uint32_t priority);

/*
 * Fingerprint of the token that GitHub has just refused; NULL for none. If it is the present one
 * another is minted. One that is a few seconds old is given again, because GitHub may not know it
 * everywhere yet: tokman_token_json() then has "rejection": "replication_lag".
 */
TOKMAN_API int tokman_request_set_rejected(tokman_request *request, const char *fingerprint);

/*
 * 1: a new token that nobody else gets. It is revoked when the client's connection ends: by
 * tokman_client_free(), the end of the process, or a lost daemon. At most 16 for one connection.
 */
TOKMAN_API int tokman_request_set_exclusive(tokman_request *request, int is_exclusive);

TOKMAN_API void tokman_request_free(tokman_request *request);

/* ---- Token ------------------------------------------------------------------------------ */

/* The secret text. It is wiped by tokman_token_free() and kept out of core dumps. */
TOKMAN_API const char *tokman_token_secret(const tokman_token *token);

TOKMAN_API int64_t tokman_token_expires_at(const tokman_token *token);
TOKMAN_API int64_t tokman_token_minted_at(const tokman_token *token);
TOKMAN_API tokman_source tokman_token_source(const tokman_token *token);

/* Base64 of the token's SHA-256, as in GitHub's audit log ("hashed_token"). Safe to log. */
TOKMAN_API const char *tokman_token_fingerprint(const tokman_token *token);

/*
 * All the daemon said about the token but the token itself, as a JSON object: expires_at,
 * minted_at, fingerprint, app, installation_id, permissions{}, repositories[], source.
 */
TOKMAN_API const char *tokman_token_json(const tokman_token *token);

TOKMAN_API void tokman_token_free(tokman_token *token);

/* ---- Webhooks --------------------------------------------------------------------------- */

/*
 * Whether GitHub signed a webhook of this app: *valid_out becomes 1 or 0. signature is the value of
 * X-Hub-Signature-256; body is what was posted, unchanged to the byte, 25 MiB at most. The daemon
 * has the secret; it may have several while they are being changed, and any will do.
 */
TOKMAN_API int tokman_verify_webhook(int *valid_out, tokman_client *client, const char *app,
                                     const char *signature, const void *body, size_t size);

/* ---- Version ---------------------------------------------------------------------------- */

#define TOKMAN_VERSION_MAJOR 0
#define TOKMAN_VERSION_MINOR 1
#define TOKMAN_VERSION_PATCH 0
#define TOKMAN_VERSION_NUMBER \
    (TOKMAN_VERSION_MAJOR * 10000 + TOKMAN_VERSION_MINOR * 100 + TOKMAN_VERSION_PATCH)

/* The library's version at run time; compare with the macro to see what was compiled against. */
TOKMAN_API int tokman_version_number(void);

#ifdef __cplusplus
}
#endif

#endif /* TOKMAN_TOKMAN_H */
