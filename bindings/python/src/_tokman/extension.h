#pragma once
// What the files of the extension module know of each other.
//
// The extension is thin and private: it turns Python values into calls of libtokman, and what
// comes back into Python values and exceptions. What users see is in src/tokman.
//
// It keeps to CPython's limited API, so that one build serves Python 3.11 and all later ones.
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdbool.h>
#include <tokman/tokman.h>

#define XX(name, number, retry, text) +1
enum { kErrorCount = 0 TOKMAN_ERROR_MAP(XX) };
#undef XX

// What the module owns. There is one per interpreter, and nothing static that changes.
typedef struct {
  PyTypeObject* client_type;
  PyTypeObject* token_type;
  PyObject* parse_json;           // json.loads
  PyObject* error;                // tokman.Error
  PyObject* errors[kErrorCount];  // Its subclasses, in the order of TOKMAN_ERROR_MAP.
} State;

// The module's state, from an instance of one of its types.
State* state_of(PyObject* object);

extern PyType_Spec kClientSpec;
extern PyType_Spec kTokenSpec;

// Makes tokman.Error and a subclass for every row of TOKMAN_ERROR_MAP. -1 with an exception.
int add_errors(PyObject* module, State* state);

// Raises the exception of a code. details: what tokman_client_error_json() gives, or "{}".
void raise_error(const State* state, int code, const char* message, const char* details);

// Raises tokman.InvalidArgument, or what else the code stands for, about one argument.
void raise_argument_error(const State* state, int code, const char* argument);

// Makes a request of (target, app or None, {permission: level} or None, (repository, ...),
// minimum lifetime in seconds or None, priority or None, rejected fingerprint or None, whether it
// is exclusive). NULL with an exception.
tokman_request* make_request(const State* state, PyObject* arguments);

// A Token that has copied what it is given. NULL with an exception.
PyObject* make_token(const State* state, const tokman_token* token);
