// tokman_client as a Python type that any thread may use.
//
// Callers take turns, because libtokman allows one thread at a time per client. Whoever waits,
// for a turn or for the daemon, has released the GIL. While a turn is taken nothing happens that
// may run other Python code on the same thread, where it could ask for the turn again: no object
// is made that Python's garbage collector tracks.
#include "extension.h"

#include <pythread.h>
#include <stdlib.h>
#include <string.h>
#include <tokman/admin.h>
#include <unistd.h>

typedef struct {
  PyObject ob_base;
  tokman_client* client;    // NULL once it is closed.
  PyThread_type_lock turn;  // Held during every call.
  pid_t pid;                // Of the process it was made in.
} Client;

// False, without an exception, in a child process whose parent forked during a call: the thread
// that holds the turn does not exist here.
static bool take_turn(Client* self) {
  if (PyThread_acquire_lock(self->turn, NOWAIT_LOCK)) return true;
  if (getpid() != self->pid) return false;
  PyThreadState* python = PyEval_SaveThread();
  PyThread_acquire_lock(self->turn, WAIT_LOCK);
  PyEval_RestoreThread(python);
  return true;
}

// Every use of the client is between begin_call() and end_call(). False with an exception.
static bool begin_call(Client* self) {
  const State* state = state_of((PyObject*)self);
  if (!take_turn(self)) {
    raise_error(state, TOKMAN_E_FORKED, "", "{}");
    return false;
  }
  if (self->client != NULL) return true;
  PyThread_release_lock(self->turn);
  raise_error(state, TOKMAN_E_NOT_CONNECTED, "the client is closed", "{}");
  return false;
}

// Gives the turn back; code is that of the call. False with an exception if it is an error.
static bool end_call(Client* self, int code) {
  if (code == 0) {
    PyThread_release_lock(self->turn);
    return true;
  }
  char* message = strdup(tokman_client_error_message(self->client));
  char* details = strdup(tokman_client_error_json(self->client));
  PyThread_release_lock(self->turn);
  if (message == NULL || details == NULL) {
    PyErr_NoMemory();
  } else {
    raise_error(state_of((PyObject*)self), code, message, details);
  }
  free(details);
  free(message);
  return false;
}

// Settings of a client that nobody else knows yet, so there is no turn to take.
static bool configure(Client* self, const char* socket, unsigned int timeout_ms) {
  const State* state = state_of((PyObject*)self);
  int code = tokman_client_new(&self->client);
  if (code != 0) {
    raise_error(state, code, "", "{}");
    return false;
  }
  code = socket == NULL ? 0 : tokman_client_set_socket(self->client, socket);
  if (code != 0) {
    raise_argument_error(state, code, "socket");
    return false;
  }
  code = tokman_client_set_timeout_ms(self->client, timeout_ms);
  if (code != 0) raise_argument_error(state, code, "timeout");
  return code == 0;
}

static PyObject* client_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  (void)keywords;
  const char* socket;
  unsigned int timeout_ms;
  if (!PyArg_ParseTuple(arguments, "zI:Client", &socket, &timeout_ms)) return NULL;
  Client* self = (Client*)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  self->pid = getpid();
  self->turn = PyThread_allocate_lock();
  if (self->turn == NULL) PyErr_NoMemory();
  if (self->turn == NULL || !configure(self, socket, timeout_ms)) {
    Py_DECREF(self);
    return NULL;
  }
  return (PyObject*)self;
}

static void client_dealloc(PyObject* object) {
  Client* self = (Client*)object;
  PyTypeObject* type = Py_TYPE(object);
  tokman_client_free(self->client);
  if (self->turn != NULL) PyThread_free_lock(self->turn);
  PyObject_Free(object);
  Py_DECREF(type);
}

static PyObject* client_set_credential(PyObject* object, PyObject* arguments) {
  Client* self = (Client*)object;
  const char* credential;
  if (!PyArg_ParseTuple(arguments, "z:set_credential", &credential)) return NULL;
  if (!begin_call(self)) return NULL;
  if (!end_call(self, tokman_client_set_credential(self->client, credential))) return NULL;
  Py_RETURN_NONE;
}

static PyObject* client_login(PyObject* object, PyObject* arguments) {
  Client* self = (Client*)object;
  const char* id;
  const char* key;
  if (!PyArg_ParseTuple(arguments, "zz:login", &id, &key)) return NULL;
  if (!begin_call(self)) return NULL;
  PyThreadState* python = PyEval_SaveThread();
  int code = tokman_client_login(self->client, id, key);
  PyEval_RestoreThread(python);
  if (!end_call(self, code)) return NULL;
  Py_RETURN_NONE;
}

static PyObject* client_token(PyObject* object, PyObject* arguments) {
  Client* self = (Client*)object;
  tokman_request* request = make_request(state_of(object), arguments);
  if (request == NULL) return NULL;
  if (!begin_call(self)) {
    tokman_request_free(request);
    return NULL;
  }
  tokman_token* token = NULL;
  PyThreadState* python = PyEval_SaveThread();
  int code = tokman_get_token(&token, self->client, request);
  PyEval_RestoreThread(python);
  PyObject* copy = code == 0 ? make_token(state_of(object), token) : NULL;
  tokman_token_free(token);
  tokman_request_free(request);
  return end_call(self, code) ? copy : NULL;
}

static PyObject* client_call(PyObject* object, PyObject* arguments) {
  Client* self = (Client*)object;
  const char* method;
  const char* parameters;
  Py_buffer body;  // Of None: no body.
  if (!PyArg_ParseTuple(arguments, "ssz*:call", &method, &parameters, &body)) return NULL;
  if (!begin_call(self)) {
    PyBuffer_Release(&body);
    return NULL;
  }
  tokman_reply* reply = NULL;
  PyThreadState* python = PyEval_SaveThread();
  int code = body.buf == NULL
                 ? tokman_admin_call(&reply, self->client, method, parameters)
                 : tokman_admin_call_with_body(&reply, self->client, method, parameters, body.buf,
                                               (size_t)body.len);
  PyEval_RestoreThread(python);
  PyBuffer_Release(&body);
  PyObject* text = code == 0 ? PyUnicode_FromString(tokman_reply_json(reply)) : NULL;
  tokman_reply_free(reply);
  return end_call(self, code) ? text : NULL;
}

// Waits for a call in progress. In a forked child it leaves behind what it cannot free safely.
static PyObject* client_close(PyObject* object, PyObject* unused) {
  (void)unused;
  Client* self = (Client*)object;
  if (take_turn(self)) {
    tokman_client_free(self->client);
    self->client = NULL;
    PyThread_release_lock(self->turn);
  }
  Py_RETURN_NONE;
}

static PyMethodDef client_methods[] = {
    {"set_credential", client_set_credential, METH_VARARGS, NULL},
    {"login", client_login, METH_VARARGS, NULL},
    {"token", client_token, METH_VARARGS, NULL},
    {"call", client_call, METH_VARARGS, NULL},
    {"close", client_close, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot client_slots[] = {
    {Py_tp_new, client_new},
    {Py_tp_dealloc, client_dealloc},
    {Py_tp_methods, client_methods},
    {0, NULL},
};

PyType_Spec kClientSpec = {
    .name = "tokman._tokman.Client",
    .basicsize = sizeof(Client),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = client_slots,
};
