// From Python's arguments to a tokman_request.
#include "extension.h"

#include <stdint.h>
#include <string.h>

typedef struct {
  const char* target;
  const char* app;
  PyObject* permissions;
  PyObject* repositories;
  PyObject* min_lifetime;
  PyObject* priority;
  const char* rejected;
  int is_exclusive;
} Arguments;

// What every setter returns through: true, or false with an exception about the argument.
static bool accepted(const State* state, int code, const char* argument) {
  if (code != 0) raise_argument_error(state, code, argument);
  return code == 0;
}

static bool parse_access(const char* level, tokman_access* access_out) {
  static const struct {
    const char* level;
    tokman_access access;
  } kLevels[] = {
      {"read", TOKMAN_ACCESS_READ},
      {"write", TOKMAN_ACCESS_WRITE},
      {"admin", TOKMAN_ACCESS_ADMIN},
  };
  for (size_t i = 0; i < sizeof(kLevels) / sizeof(kLevels[0]); ++i) {
    if (strcmp(level, kLevels[i].level) == 0) {
      *access_out = kLevels[i].access;
      return true;
    }
  }
  return false;
}

static bool add_permission(const State* state, tokman_request* request, PyObject* name,
                           PyObject* level) {
  const char* permission;
  const char* wanted;
  if (!PyArg_Parse(name, "s;permissions", &permission)) return false;
  if (!PyArg_Parse(level, "s;permissions", &wanted)) return false;
  tokman_access access;
  int code = parse_access(wanted, &access)
                 ? tokman_request_add_permission(request, permission, access)
                 : TOKMAN_E_INVALID_ARGUMENT;
  return accepted(state, code, "permissions");
}

// None is "those of the grant". An empty dict would be too, unsaid, so it is refused.
static bool add_permissions(const State* state, tokman_request* request, PyObject* permissions) {
  if (permissions == Py_None) return true;
  PyObject* name;
  PyObject* level;
  Py_ssize_t position = 0;
  while (PyDict_Next(permissions, &position, &name, &level)) {
    if (!add_permission(state, request, name, level)) return false;
  }
  return accepted(state, position == 0 ? TOKMAN_E_INVALID_ARGUMENT : 0, "permissions");
}

static bool add_repositories(const State* state, tokman_request* request, PyObject* names) {
  for (Py_ssize_t i = 0; i < PyTuple_Size(names); ++i) {
    const char* name;
    if (!PyArg_Parse(PyTuple_GetItem(names, i), "s;repositories", &name)) return false;
    if (!accepted(state, tokman_request_add_repository(request, name), "repositories")) {
      return false;
    }
  }
  return true;
}

// Sets a number that may be None, through the setter of libtokman.
static bool set_number(const State* state, tokman_request* request, PyObject* number,
                       const char* argument, int (*set)(tokman_request*, uint32_t)) {
  if (number == Py_None) return true;
  int overflow;
  long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
  if (value == -1 && PyErr_Occurred()) return false;
  int code = overflow != 0 || value < 0 || value > UINT32_MAX ? TOKMAN_E_INVALID_ARGUMENT
                                                              : set(request, (uint32_t)value);
  return accepted(state, code, argument);
}

static bool set_numbers(const State* state, tokman_request* request, const Arguments* given) {
  return set_number(state, request, given->min_lifetime, "min_lifetime",
                    tokman_request_set_min_lifetime_s) &&
         set_number(state, request, given->priority, "priority", tokman_request_set_priority);
}

static bool set_rejected(const State* state, tokman_request* request, const char* fingerprint) {
  return accepted(state, tokman_request_set_rejected(request, fingerprint), "rejected");
}

static bool set_exclusive(const State* state, tokman_request* request, int is_exclusive) {
  return accepted(state, tokman_request_set_exclusive(request, is_exclusive), "exclusive");
}

static bool set_app(const State* state, tokman_request* request, const char* app) {
  return app == NULL || accepted(state, tokman_request_set_app(request, app), "app");
}

tokman_request* make_request(const State* state, PyObject* arguments) {
  Arguments given;
  if (!PyArg_ParseTuple(arguments, "szOO!OOzp:token", &given.target, &given.app,
                        &given.permissions, &PyTuple_Type, &given.repositories,
                        &given.min_lifetime, &given.priority, &given.rejected,
                        &given.is_exclusive)) {
    return NULL;
  }
  tokman_request* request = NULL;
  if (!accepted(state, tokman_request_new(&request, given.target), "target")) return NULL;
  if (set_app(state, request, given.app) && add_permissions(state, request, given.permissions) &&
      add_repositories(state, request, given.repositories) &&
      set_numbers(state, request, &given) && set_rejected(state, request, given.rejected) &&
      set_exclusive(state, request, given.is_exclusive)) {
    return request;
  }
  tokman_request_free(request);
  return NULL;
}
