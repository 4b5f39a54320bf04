#pragma once
// Finds its way through the text of a reply without copying any of it.
//
// The secret must be out of a reply before anything parses it: a JSON parser's copies would stay
// behind in memory that belongs to the application. These functions see brackets and strings
// only. They never read past the end, whatever the text is; whether it is JSON at all is for the
// parser to say.
#include <string>
#include <string_view>

namespace tokman {

// The text from the value of an object's member to the end of `object`; empty if it has none.
// `object` begins with the object and may go on after its end.
std::string_view find_member(std::string_view object, std::string_view name);

// The value, a string or an object, that `text` begins with; empty if that does not end.
std::string_view first_value(std::string_view text);

// A reply in three parts. The token is what stands between the quotes of its member
// "parameters.token"; without one it is empty and all text is `before`.
struct CutReply {
  std::string_view before;
  std::string_view token;
  std::string_view after;

  // Still JSON, with an empty string in the token's place.
  std::string without_token() const;
};
CutReply cut_token(std::string_view reply);

// The object that came with an error, as it is in the reply; "{}" if the reply is no error.
std::string_view error_details(std::string_view reply);

}  // namespace tokman
