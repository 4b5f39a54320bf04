#pragma once
// What the handles of the C API are, and the one way over the boundary.
#include <new>
#include <utility>

#include <tokman/admin.h>
#include <tokman/tokman.h>

#include "libtokman/client/client.h"

struct tokman_client {
  tokman::Client client;
};

struct tokman_request {
  tokman::Request request;
};

struct tokman_token {
  tokman::Token token;
};

struct tokman_reply {
  tokman::SecretBytes json;  // NUL-terminated.
};

namespace tokman {

// Nothing that C++ throws may reach C.
template <class Body>
int guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return TOKMAN_E_NO_MEMORY;
  } catch (...) {
    return TOKMAN_E_INTERNAL;
  }
}

inline bool is_given(const char* text) { return text != nullptr && *text != '\0'; }

// For what talks to the daemon: keeps the reason of a failure, also of one that threw.
template <class Body>
int guarded_call(tokman_client* handle, Body body) noexcept {
  if (handle == nullptr) return TOKMAN_E_INVALID_ARGUMENT;
  Client& client = handle->client;
  const int code = guarded([&]() -> int {
    if (client.is_in_child()) {
      return client.fail(Error{TOKMAN_E_FORKED, "this client was made before the process forked"});
    }
    return body(client);
  });
  if (code == TOKMAN_E_NO_MEMORY) client.fail(Error{TOKMAN_E_NO_MEMORY, "out of memory"});
  return code;
}

// Hands a value to the caller as a new handle, or keeps why there is none.
template <class Handle, class T>
int hand_out(Handle** out, Client& client, Result<T> result) {
  if (!result.ok()) return client.fail(result.error());
  *out = new Handle{std::move(result).value()};
  return 0;
}

}  // namespace tokman
