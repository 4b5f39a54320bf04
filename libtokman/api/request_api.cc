// <tokman/tokman.h>: the request.
#include "libtokman/api/handles.h"

using tokman::guarded;
using tokman::is_given;

namespace {

constexpr std::uint32_t kPriorityMax = 1000;

// Applies a change to a request, if the arguments are there.
template <class Change>
int change(tokman_request* request, bool are_given, Change apply) {
  if (request == nullptr || !are_given) return TOKMAN_E_INVALID_ARGUMENT;
  return guarded([&] {
    apply(request->request);
    return 0;
  });
}

bool is_level(tokman_access access) {
  return access == TOKMAN_ACCESS_READ || access == TOKMAN_ACCESS_WRITE ||
         access == TOKMAN_ACCESS_ADMIN;
}

}  // namespace

int tokman_request_new(tokman_request** request_out, const char* target) {
  if (request_out == nullptr || !is_given(target)) return TOKMAN_E_INVALID_ARGUMENT;
  return guarded([&] {
    *request_out = new tokman_request{tokman::Request(target)};
    return 0;
  });
}

int tokman_request_set_app(tokman_request* request, const char* app) {
  return change(request, is_given(app), [&](tokman::Request& self) { self.set_app(app); });
}

int tokman_request_add_repository(tokman_request* request, const char* name) {
  return change(request, is_given(name), [&](tokman::Request& self) { self.add_repository(name); });
}

int tokman_request_add_permission(tokman_request* request, const char* permission,
                                  tokman_access access) {
  return change(request, is_given(permission) && is_level(access),
                [&](tokman::Request& self) { self.add_permission(permission, access); });
}

int tokman_request_set_min_lifetime_s(tokman_request* request, uint32_t lifetime_s) {
  return change(request, true, [&](tokman::Request& self) { self.set_min_lifetime_s(lifetime_s); });
}

int tokman_request_set_priority(tokman_request* request, uint32_t priority) {
  return change(request, priority <= kPriorityMax,
                [&](tokman::Request& self) { self.set_priority(priority); });
}

int tokman_request_set_rejected(tokman_request* request, const char* fingerprint) {
  return change(
      request, fingerprint == nullptr || is_given(fingerprint), [&](tokman::Request& self) {
        self.set_rejected(fingerprint == nullptr ? std::nullopt
                                                 : std::optional<std::string>(fingerprint));
      });
}

int tokman_request_set_exclusive(tokman_request* request, int is_exclusive) {
  return change(request, true,
                [&](tokman::Request& self) { self.set_exclusive(is_exclusive != 0); });
}

void tokman_request_free(tokman_request* request) { delete request; }
