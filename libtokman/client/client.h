#pragma once
// The library's client: connects when it has to, asks, and says in words what went wrong.
//
// What is repeated. A call that may be made twice (get_token, report_rejected, revoke: the second
// time finds the first one's work done) is sent again on a new connection when the old one breaks
// or the daemon says that it is shutting down: until the deadline, but at most five times, because
// a call that breaks the daemon must not do so for ever. A call that may change something
// (admin_call) is sent again only if the daemon cannot have seen any of it.
//
// What it shows. With a credential, every call carries it. A login that is due is renewed before a
// call, and one that the daemon refuses after it; then the call is sent again, exactly once. A
// refused call has done nothing, so this holds for any.
//
// How long it tries to connect. A daemon that listens, but has too many waiting: until the
// deadline. A daemon that is not there: until the deadline if this client has been connected
// before, so that a restart is not noticed, else for one second.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/client/connection.h"
#include "libtokman/client/credential.h"
#include "libtokman/client/fork_detector.h"
#include "libtokman/client/request.h"
#include "libtokman/client/token_reply.h"

namespace tokman {

class Client {
 public:
  explicit Client(std::string_view socket_path) : socket_path_(socket_path) {}

  bool is_in_child() const { return fork_detector_.is_in_child(); }

  void set_socket(std::string_view path);
  void set_timeout_ms(std::uint32_t timeout_ms) { timeout_ms_ = timeout_ms; }

  // "" for none.
  Result<Done> set_credential(std::string_view token);
  // Asks the daemon at once. On failure the credential stays what it was.
  Result<Done> log_in(std::string_view client_id, std::string_view client_key);

  Result<Done> connect();
  Result<Token> get_token(std::string_view target);
  Result<Token> get_token(const Request& request);
  Result<tokman_rejection> report_rejected(const Request& request, std::string_view fingerprint);
  Result<int> revoke(std::string_view fingerprint);  // Gives how many GitHub has not confirmed.
  // The text of the reply's parameters, NUL-terminated.
  Result<SecretBytes> admin_call(const char* method, const char* parameters,
                                 const Fd& descriptor = Fd());
  // The same with a body of any bytes, which travels beside the call.
  Result<SecretBytes> admin_call_with_body(const char* method, const char* parameters,
                                           std::string_view body);

  // Keeps what the next two functions tell, and gives the error's code.
  int fail(const Error& error);
  const std::string& error_message() const { return error_message_; }
  const std::string& error_details() const { return error_details_; }

 private:
  enum class Repeat : bool { no, yes };

  Result<Done> connect(Deadline deadline);
  Result<json::Value> ask(std::string_view frame);
  Result<std::string_view> exchange(std::string_view frame, Repeat repeat,
                                    const Fd& descriptor = Fd());
  Result<std::string_view> transfer(std::string_view frame, Repeat repeat, const Fd& descriptor,
                                    Deadline deadline);
  Result<Done> renew(Credential& login, Deadline deadline);
  Error refused(Error error, std::string_view reply);
  Error lost(Outcome outcome) const;
  Error cannot_connect(int fault) const;

  std::string socket_path_;
  std::uint32_t timeout_ms_ = 30'000;
  ForkDetector fork_detector_;
  Credential credential_;
  Connection connection_;
  bool was_connected_ = false;
  TokenReplyReader reader_;
  SecretPool pool_;
  std::optional<Request> last_request_;  // Of get_token(target): most programs have one target.
  std::string refusal_ = "{}";  // The details of the daemon's refusal, until fail() takes them.
  std::string error_message_;
  std::string error_details_ = "{}";
};

}  // namespace tokman
