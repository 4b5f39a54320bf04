/*
 * admin.h - everything else the daemon can do, by method name.
 *
 * Second tier: stable within a minor version only. Methods and their parameters are those of the
 * .varlink files beside this header; tokman(1) is written against this header and tokman.h.
 * The conventions of tokman.h hold here too. Protocol: https://varlink.org/Method-Call
 */
#ifndef TOKMAN_ADMIN_H
#define TOKMAN_ADMIN_H

#include <tokman/tokman.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tokman_reply tokman_reply;

/*
 * Calls a method by its full name, "io.tokman.Daemon.Status". params_json is a JSON object, or
 * NULL for none. If the daemon refuses, tokman_client_error_json() has the details. A connection
 * lost between the call and its answer is an error (TOKMAN_E_DAEMON_UNREACHABLE): the daemon may
 * or may not have acted.
 */
TOKMAN_API int tokman_admin_call(tokman_reply **reply_out, tokman_client *client,
                                 const char *method, const char *params_json);

/*
 * The same for methods that take a body, such as io.tokman.GitHub.HandleWebhook: size bytes of any
 * kind, 25 MiB at most. They travel beside the call, so they need no encoding.
 */
TOKMAN_API int tokman_admin_call_with_body(tokman_reply **reply_out, tokman_client *client,
                                           const char *method, const char *params_json,
                                           const void *body, size_t size);

/*
 * The same for methods that take an open file, such as io.tokman.Daemon.Backup. The file stays the
 * caller's.
 */
TOKMAN_API int tokman_admin_call_with_file(tokman_reply **reply_out, tokman_client *client,
                                           const char *method, const char *params_json, int fd);

/* The reply's parameters, a JSON object. May hold a secret, so it is wiped when freed. */
TOKMAN_API const char *tokman_reply_json(const tokman_reply *reply);

TOKMAN_API void tokman_reply_free(tokman_reply *reply);

#ifdef __cplusplus
}
#endif

#endif /* TOKMAN_ADMIN_H */
