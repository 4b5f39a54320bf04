#pragma once
// cmocka for C++. Include it after every other header: cmocka defines `fail` and `skip` as macros.
//
// A failing assertion leaves the test by longjmp, so destructors in the test body DO NOT run.
// Whatever must be released whatever happens belongs in the fixture, which teardown deletes.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}

#undef fail
#undef skip

// TEST(Fixture, a_sentence_saying_what_is_true) { ... use `fixture` ... }
#define TEST(Fixture, name)                                                       \
  static void name##_body(Fixture& fixture);                                      \
  static void name(void** state) { name##_body(*static_cast<Fixture*>(*state)); } \
  static void name##_body([[maybe_unused]] Fixture& fixture)

template <class Fixture>
int make_fixture(void** state) {
  *state = new Fixture();
  return 0;
}
template <class Fixture>
int delete_fixture(void** state) {
  delete static_cast<Fixture*>(*state);
  return 0;
}
#define RUN(Fixture, name) \
  cmocka_unit_test_setup_teardown(name, make_fixture<Fixture>, delete_fixture<Fixture>)
