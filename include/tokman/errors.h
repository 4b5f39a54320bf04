#ifndef TOKMAN_ERRORS_H
#define TOKMAN_ERRORS_H

#include <tokman/export.h>

/*
 * The one list of errors: the C enum, the texts, the wire names, the Python exceptions, the exit
 * statuses of tokman(1) and the table in docs/errors.md are all made from it.
 *
 *     XX(NAME, number, retry, "text")
 *
 * Numbers are permanent: never reuse one. They stay within 1..125, so that tokman(1) can exit
 * with the number itself. retry is 1 if the same call may succeed later, unchanged.
 * To add an error: add one line here, then run `script/docs`.
 */
#define TOKMAN_ERROR_MAP(XX)                                                                      \
    /* The caller's mistake. */                                                                   \
    XX(INVALID_ARGUMENT,          1, 0, "invalid argument")                                       \
    XX(BUFFER_TOO_SMALL,          2, 0, "buffer too small")                                       \
    XX(BUSY,                      3, 1, "too much is already in progress")                        \
    XX(FORKED,                    4, 0, "handle was made in the parent process")                  \
    XX(NOT_CONNECTED,             5, 0, "not connected")                                          \
    XX(NO_SUCH_METHOD,            6, 0, "the daemon has no such method")                          \
    /* This machine. */                                                                           \
    XX(NO_MEMORY,                10, 1, "out of memory")                                          \
    XX(SYSTEM,                   11, 0, "system call failed")                                     \
    XX(DAEMON_UNREACHABLE,       12, 1, "cannot reach the tokman daemon")                         \
    XX(TIMED_OUT,                13, 1, "timed out")                                              \
    XX(CANCELLED,                14, 0, "cancelled")                                              \
    XX(PROTOCOL,                 15, 0, "daemon and library do not understand each other")        \
    XX(CONFIGURATION,            16, 0, "the configuration is not usable")                        \
    /* The daemon says no. */                                                                     \
    XX(UNAUTHENTICATED,          30, 0, "caller is not known")                                    \
    XX(DENIED,                   31, 0, "policy does not allow this")                             \
    XX(SCOPE_TOO_NARROW,         32, 0, "access token lacks a needed scope")                      \
    XX(NOT_FOUND,                33, 0, "no such object")                                         \
    XX(CONFLICT,                 34, 0, "object was changed by someone else")                     \
    XX(RATE_LIMITED,             35, 1, "too many requests")                                      \
    XX(SHUTTING_DOWN,            36, 1, "daemon is shutting down")                                \
    XX(LEASE_ENDED,              37, 1, "lease has ended")                                        \
    XX(LIFETIME_UNSATISFIABLE,   38, 0, "no token can live that long")                            \
    XX(SIGNATURE_INVALID,        39, 0, "GitHub did not sign this webhook")                       \
    XX(TOKEN_EXPIRED,            40, 0, "credential has expired")                                 \
    XX(TOKEN_NOT_YET_VALID,      41, 1, "credential is not valid yet")                            \
    XX(LIFETIME_TOO_SHORT,       42, 0, "credential does not live long enough")                   \
    XX(DUPLICATE_NAME,           43, 0, "name is taken")                                          \
    XX(BLOCKED,                  44, 0, "caller is blocked")                                      \
    /* Someone behind the daemon. */                                                              \
    XX(UPSTREAM_DOWN,            50, 1, "GitHub cannot be reached or is failing")                 \
    XX(UPSTREAM_REFUSED,         51, 0, "GitHub refused")                                         \
    XX(SECRET_UNAVAILABLE,       52, 1, "the app's private key cannot be used")                   \
    XX(STORE,                    53, 0, "the token store failed")                                 \
    XX(APP_NOT_INSTALLED,        54, 0, "the app is not installed there")                         \
    XX(INSTALLATION_SUSPENDED,   55, 0, "the installation is suspended")                          \
    XX(REPOSITORY_NOT_ACCESSIBLE,56, 0, "the installation cannot reach that repository")          \
    XX(PERMISSION_NOT_GRANTED,   57, 0, "the installation lacks a permission asked for")          \
    XX(UPSTREAM_AUTH,            58, 0, "GitHub does not accept the app's credentials")           \
    XX(TOO_MANY_REPOSITORIES,    59, 0, "too many repositories for one token")                    \
    XX(UPSTREAM_LIMITED,         60, 1, "GitHub is limiting the app's requests")                  \
    /* A bug. */                                                                                  \
    XX(INTERNAL,                 90, 0, "internal error")

typedef enum tokman_error {
    TOKMAN_OK = 0,
#define XX(name, number, retry, text) TOKMAN_E_##name = -(number),
    TOKMAN_ERROR_MAP(XX)
#undef XX
    TOKMAN_E_LAST_ = -126 /* Not an error: keeps the list above free of a last comma. */
} tokman_error;

#ifdef __cplusplus
extern "C" {
#endif

/* "DENIED" for TOKMAN_E_DENIED; "OK" for 0; "UNKNOWN" for a code this library does not know. */
TOKMAN_API const char *tokman_error_name(int code);

/* "policy does not allow this". For details see tokman_client_error_message(). */
TOKMAN_API const char *tokman_error_text(int code);

/* 1 if the same call may succeed later without any change, else 0. */
TOKMAN_API int tokman_error_is_retryable(int code);

#ifdef __cplusplus
}
#endif

#endif /* TOKMAN_ERRORS_H */
