#pragma once
// One internet address, or all that begin with the same bits: "192.0.2.7", "2001:db8::/32".
#include <netinet/in.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace tokman {

class AddressRange {
 public:
  // None unless it is one of IPv4 or IPv6. Bits behind the length do not count.
  static std::optional<AddressRange> parse(std::string_view text);

  // False for what is no address, and for one of the other family.
  bool contains(std::string_view address) const;

 private:
  struct Address {
    int family = AF_INET;
    std::array<unsigned char, sizeof(in6_addr)> bytes{};

    unsigned bits() const { return family == AF_INET ? 32 : 128; }
  };
  static std::optional<Address> parse_address(std::string_view text);

  Address first_;
  unsigned length_ = 0;  // Of the bits that must be equal.
};

}  // namespace tokman
