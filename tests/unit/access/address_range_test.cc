// GF-22: which addresses an address or a CIDR range stands for.
#include "daemon/domain/access/address_range.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Range {
  static bool holds(std::string_view range, std::string_view address) {
    return AddressRange::parse(range)->contains(address);
  }
};

TEST(Range, an_address_stands_for_itself) {
  assert_true(Range::holds("192.0.2.7", "192.0.2.7"));
  assert_false(Range::holds("192.0.2.7", "192.0.2.6"));
  assert_true(Range::holds("2001:db8::1", "2001:0db8:0::1"));
  assert_false(Range::holds("2001:db8::1", "2001:db8::2"));
}

TEST(Range, a_range_ends_where_its_bits_end) {
  assert_true(Range::holds("192.0.2.0/25", "192.0.2.127"));
  assert_false(Range::holds("192.0.2.0/25", "192.0.2.128"));
  assert_false(Range::holds("192.0.2.0/25", "192.0.1.127"));
  assert_true(Range::holds("2001:db8::/33", "2001:db8:7fff::1"));
  assert_false(Range::holds("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(Range, bits_behind_the_length_do_not_count) {
  assert_true(Range::holds("192.0.2.99/24", "192.0.2.1"));
}

TEST(Range, of_length_0_is_all_of_its_family) {
  assert_true(Range::holds("0.0.0.0/0", "203.0.113.9"));
  assert_false(Range::holds("0.0.0.0/0", "::1"));
  assert_true(Range::holds("::/0", "::1"));
  assert_false(Range::holds("::/0", "203.0.113.9"));
}

TEST(Range, what_is_no_address_is_in_none) {
  assert_false(Range::holds("0.0.0.0/0", ""));
  assert_false(Range::holds("0.0.0.0/0", "localhost"));
}

TEST(Range, a_text_that_is_not_exactly_one_is_none) {
  const std::string_view malformed[] = {
      "",
      "/",
      "192.0.2",
      "192.0.2.256",
      "192.0.2.7 ",
      "192.0.2.7/",
      "192.0.2.7/33",
      "192.0.2.7/-1",
      "192.0.2.7/+8",
      "192.0.2.7/08",
      "192.0.2.7/8x",
      "192.0.2.7/255.0.0.0",
      "2001:db8::/129",
      "2001:db8::1::2",
      "fe80::1%eth0",
      std::string_view("192.0.2.7\0", 10),
  };
  for (const std::string_view text : malformed) {
    assert_false(AddressRange::parse(text).has_value());
  }
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Range, an_address_stands_for_itself),
      RUN(Range, a_range_ends_where_its_bits_end),
      RUN(Range, bits_behind_the_length_do_not_count),
      RUN(Range, of_length_0_is_all_of_its_family),
      RUN(Range, what_is_no_address_is_in_none),
      RUN(Range, a_text_that_is_not_exactly_one_is_none),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
