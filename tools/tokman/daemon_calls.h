#pragma once
// Calls to the daemon through libtokman, with its errors as values. Each opens its own connection:
// a command makes one call, or reads one list.
#include <tokman/tokman.h>

#include <memory>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/json/value.h"
#include "tools/tokman/options.h"

namespace tokman {

template <auto free>
struct FreedBy {
  template <class Handle>
  void operator()(Handle* handle) const {
    free(handle);
  }
};
using ClientHandle = std::unique_ptr<tokman_client, FreedBy<tokman_client_free>>;
using TokenHandle = std::unique_ptr<tokman_token, FreedBy<tokman_token_free>>;

// A token, and the connection that it came from: an exclusive one ends with it.
struct HeldToken {
  ClientHandle client;
  TokenHandle token;

  const char* secret() const { return tokman_token_secret(token.get()); }
};

// Gets the token that the options name.
Result<HeldToken> get_token(const Options& options);

// Calls a method; parameters may be absent. Gives the parameters of its reply.
Result<json::Value> call(const Options& options, const char* method,
                         const json::Value& parameters = {});

// The same with a body of any bytes.
Result<json::Value> call_with_body(const Options& options, const char* method,
                                   const json::Value& parameters, std::string_view body);

// The same with an open file, which travels beside the call.
Result<json::Value> call_with_file(const Options& options, const char* method, int fd);

// A list that the method gives page by page: `options.given` and at most `options.limit` objects of
// it. Gives the last page's reply, with all of them in the place of its own.
Result<json::Value> call_for_list(const Options& options, const char* method, const char* list);

// The parameters of GetToken and Explain for the token that the options name.
json::Value token_parameters(const Options& options);

// JSON that libtokman gave.
Result<json::Value> parse_json(const char* text);

}  // namespace tokman
