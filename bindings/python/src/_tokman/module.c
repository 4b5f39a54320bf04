// The extension module tokman._tokman: its types, its exceptions, its life.
#include "extension.h"

#define STRINGIFY(x) #x
#define DOTTED(major, minor, patch) STRINGIFY(major) "." STRINGIFY(minor) "." STRINGIFY(patch)

static const char kVersion[] =
    DOTTED(TOKMAN_VERSION_MAJOR, TOKMAN_VERSION_MINOR, TOKMAN_VERSION_PATCH);

State* state_of(PyObject* object) { return PyType_GetModuleState(Py_TYPE(object)); }

static int add_type(PyObject* module, PyType_Spec* spec, PyTypeObject** type_out) {
  *type_out = (PyTypeObject*)PyType_FromModuleAndSpec(module, spec, NULL);
  return *type_out == NULL ? -1 : PyModule_AddType(module, *type_out);
}

static PyObject* import_parse_json(void) {
  PyObject* json = PyImport_ImportModule("json");
  PyObject* loads = json == NULL ? NULL : PyObject_GetAttrString(json, "loads");
  Py_XDECREF(json);
  return loads;
}

static int module_exec(PyObject* module) {
  State* state = PyModule_GetState(module);
  state->parse_json = import_parse_json();
  if (state->parse_json == NULL) return -1;
  if (add_type(module, &kClientSpec, &state->client_type) < 0) return -1;
  if (add_type(module, &kTokenSpec, &state->token_type) < 0) return -1;
  if (add_errors(module, state) < 0) return -1;
  return PyModule_AddStringConstant(module, "version", kVersion);
}

static int module_traverse(PyObject* module, visitproc visit, void* arg) {
  State* state = PyModule_GetState(module);
  Py_VISIT(state->client_type);
  Py_VISIT(state->token_type);
  Py_VISIT(state->parse_json);
  Py_VISIT(state->error);
  for (size_t i = 0; i < kErrorCount; ++i) Py_VISIT(state->errors[i]);
  return 0;
}

static int module_clear(PyObject* module) {
  State* state = PyModule_GetState(module);
  Py_CLEAR(state->client_type);
  Py_CLEAR(state->token_type);
  Py_CLEAR(state->parse_json);
  Py_CLEAR(state->error);
  for (size_t i = 0; i < kErrorCount; ++i) Py_CLEAR(state->errors[i]);
  return 0;
}

static void module_free(void* module) { (void)module_clear(module); }

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tokman._tokman",
    .m_doc = "libtokman for the package tokman, which is what to use.",
    .m_size = sizeof(State),
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__tokman(void);
PyMODINIT_FUNC PyInit__tokman(void) { return PyModuleDef_Init(&module_definition); }
