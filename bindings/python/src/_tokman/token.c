// A token as a Python type. It has a copy of the secret, on pages that no core dump shows, because
// a tokman_token belongs to its client's thread also when it is freed, and a Token to any thread.
#include "extension.h"

#include <string.h>
#include <sys/mman.h>

typedef struct {
  PyObject ob_base;
  char* secret;  // NULL once it is wiped.
  size_t secret_bytes;
  PyObject* facts;
} Token;

static char* copy_to_own_pages(const char* secret, size_t bytes) {
  char* pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return NULL;
  madvise(pages, bytes, MADV_DONTDUMP);
  return memcpy(pages, secret, bytes);
}

// The kernel clears pages before it hands them out again.
static void wipe(Token* self) {
  if (self->secret != NULL) munmap(self->secret, self->secret_bytes);
  self->secret = NULL;
}

PyObject* make_token(const State* state, const tokman_token* token) {
  Token* self = (Token*)PyType_GenericAlloc(state->token_type, 0);
  if (self == NULL) return NULL;
  const char* secret = tokman_token_secret(token);
  self->secret_bytes = strlen(secret) + 1;
  self->secret = copy_to_own_pages(secret, self->secret_bytes);
  if (self->secret == NULL) PyErr_NoMemory();
  self->facts = self->secret == NULL ? NULL : PyUnicode_FromString(tokman_token_json(token));
  if (self->facts == NULL) Py_CLEAR(self);
  return (PyObject*)self;
}

static void token_dealloc(PyObject* object) {
  Token* self = (Token*)object;
  PyTypeObject* type = Py_TYPE(object);
  wipe(self);
  Py_XDECREF(self->facts);
  PyObject_Free(object);
  Py_DECREF(type);
}

static PyObject* token_secret(PyObject* object, PyObject* unused) {
  (void)unused;
  const Token* self = (const Token*)object;
  if (self->secret != NULL) return PyUnicode_FromString(self->secret);
  PyErr_SetString(PyExc_ValueError, "the token has been wiped");
  return NULL;
}

static PyObject* token_facts(PyObject* object, PyObject* unused) {
  (void)unused;
  return Py_NewRef(((Token*)object)->facts);
}

static PyObject* token_wipe(PyObject* object, PyObject* unused) {
  (void)unused;
  wipe((Token*)object);
  Py_RETURN_NONE;
}

static PyMethodDef token_methods[] = {
    {"secret", token_secret, METH_NOARGS, NULL},
    {"facts", token_facts, METH_NOARGS, NULL},
    {"wipe", token_wipe, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot token_slots[] = {
    {Py_tp_dealloc, token_dealloc},
    {Py_tp_methods, token_methods},
    {0, NULL},
};

PyType_Spec kTokenSpec = {
    .name = "tokman._tokman.Token",
    .basicsize = sizeof(Token),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = token_slots,
};
