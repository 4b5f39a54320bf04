// TOKMAN_ERROR_MAP as Python exceptions.
#include "extension.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const char* name;
  int code;
  bool retryable;
  const char* text;
} Row;

static const Row kRows[kErrorCount] = {
#define XX(name, number, retry, text) {#name, TOKMAN_E_##name, retry, text},
    TOKMAN_ERROR_MAP(XX)
#undef XX
};

PyDoc_STRVAR(error_doc,
             "Something that tokman could not do. Each kind of error is a subclass.\n\n"
             "code         the error's number, as tokman(1) exits with it\n"
             "name         the error's name, such as \"DENIED\"\n"
             "message      what went wrong, in words; the same as str(error)\n"
             "retryable    whether the same call may succeed later, unchanged\n"
             "retry_after  seconds to wait before that, or None if the daemon did not say\n"
             "field        the parameter that was at fault, or None\n"
             "limit        calls that a caller may make in a minute, and\n"
             "remaining    what is left of them, or None if it was not about that\n"
             "github       what GitHub answered: a dict with status, message and request_id,\n"
             "             or None if it was not GitHub's answer that made the call fail");

// The built-in exception that people would also look for, if there is one. Borrowed.
static PyObject* builtin_kin(int code) {
  switch (code) {
    case TOKMAN_E_INVALID_ARGUMENT:
      return PyExc_ValueError;
    case TOKMAN_E_DAEMON_UNREACHABLE:
      return PyExc_ConnectionError;
    case TOKMAN_E_TIMED_OUT:
      return PyExc_TimeoutError;
    case TOKMAN_E_DENIED:
      return PyExc_PermissionError;
    default:
      return NULL;
  }
}

// "DAEMON_UNREACHABLE" becomes "tokman.DaemonUnreachable".
static void class_name(const char* row_name, char* out, size_t size) {
  size_t used = (size_t)snprintf(out, size, "tokman.");
  bool starts_word = true;
  for (const char* c = row_name; *c != '\0' && used + 1 < size; ++c) {
    if (*c == '_') {
      starts_word = true;
      continue;
    }
    out[used++] = starts_word ? *c : (char)tolower((unsigned char)*c);
    starts_word = false;
  }
  out[used] = '\0';
}

// property(str): the message is what str() says, also of errors that were made by hand.
static PyObject* make_message_property(void) {
  return PyObject_CallFunction((PyObject*)&PyProperty_Type, "OOOs", &PyUnicode_Type, Py_None,
                               Py_None, "What went wrong, in words; the same as str(error).");
}

static PyObject* make_base(void) {
  PyObject* members = Py_BuildValue("{s:i,s:s,s:N,s:O,s:O,s:O,s:O,s:O,s:O}", "code", 0, "name",
                                    "UNKNOWN", "message", make_message_property(), "retryable",
                                    Py_False, "retry_after", Py_None, "field", Py_None, "limit",
                                    Py_None, "remaining", Py_None, "github", Py_None);
  PyObject* base = members == NULL ? NULL
                                   : PyErr_NewExceptionWithDoc("tokman.Error", error_doc,
                                                               PyExc_Exception, members);
  Py_XDECREF(members);
  return base;
}

static PyObject* make_subclass(PyObject* base, const Row* row) {
  char name[64];
  class_name(row->name, name, sizeof(name));
  PyObject* kin = builtin_kin(row->code);
  PyObject* bases = kin == NULL ? PyTuple_Pack(1, base) : PyTuple_Pack(2, base, kin);
  PyObject* members = Py_BuildValue("{s:i,s:s,s:O}", "code", -row->code, "name", row->name,
                                    "retryable", row->retryable ? Py_True : Py_False);
  PyObject* subclass = bases == NULL || members == NULL
                           ? NULL
                           : PyErr_NewExceptionWithDoc(name, row->text, bases, members);
  Py_XDECREF(members);
  Py_XDECREF(bases);
  return subclass;
}

// Adds the class under its own name, which is also listed in the module's __all__.
static int publish(PyObject* module, PyObject* names, PyObject* class) {
  PyObject* name = PyObject_GetAttrString(class, "__name__");
  int failed =
      name == NULL || PyObject_SetAttr(module, name, class) < 0 || PyList_Append(names, name) < 0;
  Py_XDECREF(name);
  return failed ? -1 : 0;
}

int add_errors(PyObject* module, State* state) {
  PyObject* names = PyList_New(0);
  if (names == NULL || PyModule_AddObjectRef(module, "__all__", names) < 0) {
    Py_XDECREF(names);
    return -1;
  }
  Py_DECREF(names);  // The module keeps it.
  state->error = make_base();
  if (state->error == NULL || publish(module, names, state->error) < 0) return -1;
  for (size_t i = 0; i < kErrorCount; ++i) {
    state->errors[i] = make_subclass(state->error, &kRows[i]);
    if (state->errors[i] == NULL || publish(module, names, state->errors[i]) < 0) return -1;
  }
  return 0;
}

// Error itself for a code that a newer libtokman may know and this module does not. Borrowed.
static PyObject* class_of(const State* state, int code) {
  for (size_t i = 0; i < kErrorCount; ++i) {
    if (kRows[i].code == code) return state->errors[i];
  }
  return state->error;
}

// Takes over what the daemon said beside its message.
static int set_details(PyObject* error, PyObject* details) {
  static const char* const kSame[] = {"retryable", "field", "limit", "remaining", "github"};
  for (size_t i = 0; i < sizeof(kSame) / sizeof(kSame[0]); ++i) {
    PyObject* value = PyDict_GetItemString(details, kSame[i]);
    if (value != NULL && PyObject_SetAttrString(error, kSame[i], value) < 0) return -1;
  }
  PyObject* wait_ms = PyDict_GetItemString(details, "retry_after_ms");
  if (wait_ms == NULL) return 0;
  PyObject* wait = PyFloat_FromDouble(PyFloat_AsDouble(wait_ms) / 1000.0);
  int failed =
      wait == NULL || PyErr_Occurred() || PyObject_SetAttrString(error, "retry_after", wait) < 0;
  Py_XDECREF(wait);
  return failed ? -1 : 0;
}

void raise_error(const State* state, int code, const char* message, const char* details) {
  if (*message == '\0') message = tokman_error_text(code);
  PyObject* text = PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace");
  PyObject* error =
      text == NULL ? NULL : PyObject_CallFunctionObjArgs(class_of(state, code), text, NULL);
  PyObject* parsed = error == NULL ? NULL : PyObject_CallFunction(state->parse_json, "s", details);
  if (parsed != NULL && set_details(error, parsed) == 0) {
    PyErr_SetObject((PyObject*)Py_TYPE(error), error);
  }
  Py_XDECREF(parsed);
  Py_XDECREF(error);
  Py_XDECREF(text);
}

void raise_argument_error(const State* state, int code, const char* argument) {
  char message[128];
  char details[128];
  snprintf(message, sizeof(message), "%s: %s", argument, tokman_error_text(code));
  snprintf(details, sizeof(details), "{\"field\": \"%s\"}", argument);
  raise_error(state, code, message, details);
}
