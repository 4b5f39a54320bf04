#include "daemon/domain/access/address_range.h"

#include <arpa/inet.h>

#include <charconv>

namespace tokman {
namespace {

// Digits alone, without a zero before them.
std::optional<unsigned> parse_length(std::string_view text, unsigned most) {
  unsigned length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || length > most || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  return length;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) return std::nullopt;
  AddressRange range;
  range.first_ = *first;
  range.length_ = first->bits();
  if (slash == std::string_view::npos) return range;
  const auto length = parse_length(text.substr(slash + 1), first->bits());
  if (!length) return std::nullopt;
  range.length_ = *length;
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed || parsed->family != first_.family) return false;
  for (unsigned bit = 0; bit < length_; ++bit) {
    const int difference = parsed->bytes[bit / 8] ^ first_.bytes[bit / 8];
    if ((difference >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

std::optional<AddressRange::Address> AddressRange::parse_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string with_end(text);
  for (const int family : {AF_INET, AF_INET6}) {
    Address address{.family = family};
    if (inet_pton(family, with_end.c_str(), address.bytes.data()) == 1) return address;
  }
  return std::nullopt;
}

}  // namespace tokman
