// <tokman/admin.h>: calls by method name.
#include <fcntl.h>

#include "libtokman/api/handles.h"

int tokman_admin_call(tokman_reply** reply_out, tokman_client* client, const char* method,
                      const char* params_json) {
  return tokman::guarded_call(client, [&](tokman::Client& self) {
    if (reply_out == nullptr || !tokman::is_given(method)) {
      return self.fail(tokman::Error{TOKMAN_E_INVALID_ARGUMENT, "no method, or no reply_out"});
    }
    return tokman::hand_out(reply_out, self, self.admin_call(method, params_json));
  });
}

int tokman_admin_call_with_body(tokman_reply** reply_out, tokman_client* client, const char* method,
                                const char* params_json, const void* body, size_t size) {
  return tokman::guarded_call(client, [&](tokman::Client& self) {
    if (reply_out == nullptr || !tokman::is_given(method) || (body == nullptr && size > 0)) {
      return self.fail(tokman::Error{TOKMAN_E_INVALID_ARGUMENT, "no method, body or reply_out"});
    }
    const std::string_view bytes(static_cast<const char*>(body), size);
    return tokman::hand_out(reply_out, self, self.admin_call_with_body(method, params_json, bytes));
  });
}

int tokman_admin_call_with_file(tokman_reply** reply_out, tokman_client* client, const char* method,
                                const char* params_json, int fd) {
  return tokman::guarded_call(client, [&](tokman::Client& self) {
    const tokman::Fd file(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (reply_out == nullptr || !tokman::is_given(method) || !file.valid()) {
      return self.fail(tokman::Error{TOKMAN_E_INVALID_ARGUMENT, "no method, file or reply_out"});
    }
    return tokman::hand_out(reply_out, self, self.admin_call(method, params_json, file));
  });
}

const char* tokman_reply_json(const tokman_reply* reply) { return reply->json.reveal().data(); }

void tokman_reply_free(tokman_reply* reply) { delete reply; }
