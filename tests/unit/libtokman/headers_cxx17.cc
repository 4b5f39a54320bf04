// The same as C++17.
#include "tests/unit/libtokman/headers_c99.c"
