#pragma once
// A client of a fake daemon, through the C API, with what it got.
#include <tokman/admin.h>
#include <tokman/tokman.h>

#include <string>

#include "tests/unit/libtokman/fake_daemon.h"

namespace tokman {

struct Session {
  FakeDaemon daemon;
  tokman_client* client = nullptr;
  tokman_token* token = nullptr;
  tokman_reply* reply = nullptr;

  Session() {
    tokman_client_new(&client);
    tokman_client_set_socket(client, daemon.socket().c_str());
  }
  ~Session() {
    tokman_token_free(token);
    tokman_reply_free(reply);
    tokman_client_free(client);
  }

  int get(const char* target = "octo-org/hello-world") {
    tokman_token_free(token);
    token = nullptr;
    return tokman_get(&token, client, target);
  }
  int call(const char* method = "io.tokman.Daemon.Ping", const char* parameters = nullptr) {
    tokman_reply_free(reply);
    reply = nullptr;
    return tokman_admin_call(&reply, client, method, parameters);
  }
  std::string message() const { return tokman_client_error_message(client); }
  std::string details() const { return tokman_client_error_json(client); }
};

}  // namespace tokman
