// <tokman/tokman.h>: the client, and getting a token.
#include <stdlib.h>

#include "libtokman/api/handles.h"
#include "libtokman/protocol/limits.h"

using tokman::Client;
using tokman::Error;

namespace {

const char* socket_from_environment() {
  const char* path = secure_getenv("TOKMAN_SOCKET");
  return tokman::is_given(path) ? path : tokman::kDefaultSocket;
}

int misused(Client& client, const char* what) {
  return client.fail(Error{TOKMAN_E_INVALID_ARGUMENT, what});
}

}  // namespace

int tokman_client_new(tokman_client** client_out) {
  if (client_out == nullptr) return TOKMAN_E_INVALID_ARGUMENT;
  return tokman::guarded([&] {
    *client_out = new tokman_client{Client(socket_from_environment())};
    return 0;
  });
}

int tokman_client_set_socket(tokman_client* client, const char* path) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (!tokman::is_given(path)) return misused(self, "the socket's path is empty");
    self.set_socket(path);
    return 0;
  });
}

int tokman_client_set_timeout_ms(tokman_client* client, uint32_t timeout_ms) {
  return tokman::guarded_call(client, [&](Client& self) {
    self.set_timeout_ms(timeout_ms);
    return 0;
  });
}

int tokman_client_set_credential(tokman_client* client, const char* token_or_jwt) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (token_or_jwt != nullptr && *token_or_jwt == '\0')
      return misused(self, "the credential is empty");
    const auto done = self.set_credential(token_or_jwt == nullptr ? "" : token_or_jwt);
    return done.ok() ? 0 : self.fail(done.error());
  });
}

int tokman_client_login(tokman_client* client, const char* client_id, const char* client_key) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (!tokman::is_given(client_id)) return misused(self, "the client's id is missing");
    if (!tokman::is_given(client_key)) return misused(self, "the client's key is missing");
    const auto done = self.log_in(client_id, client_key);
    return done.ok() ? 0 : self.fail(done.error());
  });
}

int tokman_client_connect(tokman_client* client) {
  return tokman::guarded_call(client, [](Client& self) {
    const auto done = self.connect();
    return done.ok() ? 0 : self.fail(done.error());
  });
}

const char* tokman_client_error_message(tokman_client* client) {
  return client->client.error_message().c_str();
}

const char* tokman_client_error_json(tokman_client* client) {
  return client->client.error_details().c_str();
}

void tokman_client_free(tokman_client* client) { delete client; }

int tokman_get(tokman_token** token_out, tokman_client* client, const char* target) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (token_out == nullptr) return misused(self, "token_out is NULL");
    if (!tokman::is_given(target)) return misused(self, "the target is empty");
    return tokman::hand_out(token_out, self, self.get_token(target));
  });
}

int tokman_get_token(tokman_token** token_out, tokman_client* client,
                     const tokman_request* request) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (token_out == nullptr) return misused(self, "token_out is NULL");
    if (request == nullptr) return misused(self, "the request is NULL");
    return tokman::hand_out(token_out, self, self.get_token(request->request));
  });
}

int tokman_report_rejected(tokman_rejection* rejection_out, tokman_client* client,
                           const tokman_request* request, const char* fingerprint) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (rejection_out == nullptr) return misused(self, "rejection_out is NULL");
    if (request == nullptr) return misused(self, "the request is NULL");
    if (!tokman::is_given(fingerprint)) return misused(self, "the fingerprint is empty");
    const auto rejection = self.report_rejected(request->request, fingerprint);
    if (!rejection.ok()) return self.fail(rejection.error());
    *rejection_out = rejection.value();
    return 0;
  });
}

int tokman_revoke(int* pending_out, tokman_client* client, const char* fingerprint) {
  return tokman::guarded_call(client, [&](Client& self) {
    if (!tokman::is_given(fingerprint)) return misused(self, "the fingerprint is empty");
    const auto pending = self.revoke(fingerprint);
    if (!pending.ok()) return self.fail(pending.error());
    if (pending_out != nullptr) *pending_out = pending.value();
    return 0;
  });
}
