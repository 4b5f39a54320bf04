#include "libtokman/client/client.h"

#include <errno.h>
#include <string.h>

#include <utility>

#include "libtokman/base/memory_file.h"
#include "libtokman/client/backoff.h"
#include "libtokman/client/reply_text.h"
#include "libtokman/json/value.h"
#include "libtokman/protocol/limits.h"
#include "libtokman/protocol/message.h"

namespace tokman {
namespace {

constexpr std::uint32_t kFirstContactMs = 1000;
constexpr int kBreaksMax = 5;

struct WipedAfterUse {
  Connection& connection;
  ~WipedAfterUse() { connection.wipe_reply(); }
};

bool is_daemon_away(int fault) { return fault == ENOENT || fault == ECONNREFUSED; }

const char* advice_for(int fault) {
  if (is_daemon_away(fault)) return ": is tokmand running?";
  if (fault == EACCES) return ": is this user in the socket's group?";
  if (fault == EAGAIN) return ": tokmand is there, but accepts no one";
  return "";
}

// The daemon writes the error first, so that no other reply has to be searched for it.
bool is_shutting_down(std::string_view reply) {
  return reply.starts_with(R"({"error":"io.tokman.ShuttingDown")");
}

}  // namespace

void Client::set_socket(std::string_view path) {
  if (path == socket_path_) return;
  connection_.close();
  was_connected_ = false;
  socket_path_ = path;
}

Result<Done> Client::set_credential(std::string_view token) {
  Result<Credential> credential = token.empty() ? Credential() : Credential::of_token(token);
  if (!credential.ok()) return credential.error();
  credential_ = std::move(credential).value();
  return Done{};
}

Result<Done> Client::log_in(std::string_view client_id, std::string_view client_key) {
  Credential login = Credential::of_client(client_id, client_key);
  if (Result<Done> done = renew(login, Deadline::in_ms(timeout_ms_)); !done.ok()) return done;
  credential_ = std::move(login);
  return Done{};
}

Result<Done> Client::connect() {
  if (connection_.is_usable()) return Done{};
  return connect(Deadline::in_ms(timeout_ms_));
}

Result<Token> Client::get_token(std::string_view target) {
  if (!last_request_ || last_request_->target() != target) last_request_.emplace(target);
  return get_token(*last_request_);
}

Result<Token> Client::get_token(const Request& request) {
  const WipedAfterUse wiped{connection_};
  Result<std::string_view> frame = exchange(request.frame(), Repeat::yes);
  if (!frame.ok()) return frame.error();
  Result<TokenReply> reply = reader_.read(frame.value());
  if (!reply.ok()) return refused(reply.error(), frame.value());
  return Token{pool_.keep(reply.value().token), std::move(reply.value().facts)};
}

Result<tokman_rejection> Client::report_rejected(const Request& request,
                                                 std::string_view fingerprint) {
  Result<json::Value> answer = ask(request.rejection_frame(fingerprint));
  if (!answer.ok()) return answer.error();
  return read_rejection(answer.value());
}

Result<int> Client::revoke(std::string_view fingerprint) {
  Call call{.method = "io.tokman.GitHub.Revoke", .parameters = json::Value::object()};
  call.parameters.set("fingerprint", json::Value::of(fingerprint));
  Result<json::Value> answer = ask(render_call(call));
  if (!answer.ok()) return answer.error();
  return answer.value().find("pending").as_int().value_or(0) > 0 ? 1 : 0;
}

// Both may be asked again: what has been rejected or revoked is not so a second time.
Result<json::Value> Client::ask(std::string_view frame) {
  Result<std::string_view> reply = exchange(frame, Repeat::yes);
  if (!reply.ok()) return reply.error();
  Result<json::Value> answer = read_reply(reply.value());
  if (!answer.ok()) return refused(answer.error(), reply.value());
  return answer;
}

Result<SecretBytes> Client::admin_call(const char* method, const char* parameters,
                                       const Fd& descriptor) {
  Call call{.method = method, .parameters = json::Value::object()};
  if (parameters != nullptr) {
    Result<json::Value> parsed = json::parse(parameters, kJsonDepthMax);
    if (!parsed.ok()) return within("parameters", parsed.error());
    if (!parsed.value().is_object()) {
      return Error{TOKMAN_E_INVALID_ARGUMENT, "parameters: must be a JSON object"};
    }
    call.parameters = std::move(parsed).value();
  }
  const WipedAfterUse wiped{connection_};
  Result<std::string_view> frame = exchange(render_call(call), Repeat::no, descriptor);
  if (!frame.ok()) return frame.error();
  Result<SecretBytes> reply = read_admin_reply(frame.value());
  if (!reply.ok()) return refused(reply.error(), frame.value());
  return reply;
}

Result<SecretBytes> Client::admin_call_with_body(const char* method, const char* parameters,
                                                 std::string_view body) {
  const Result<Fd> file = make_memory_file(body);
  if (!file.ok()) return file.error();
  return admin_call(method, parameters, file.value());
}

int Client::fail(const Error& error) {
  error_message_ = error.message;
  error_details_ = std::exchange(refusal_, "{}");
  return error.code;
}

Result<Done> Client::connect(Deadline deadline) {
  const Deadline patience =
      was_connected_ ? deadline : deadline.or_sooner(Deadline::in_ms(kFirstContactMs));
  for (Backoff backoff;;) {
    const int fault = connection_.open(socket_path_);
    if (fault == 0) {
      was_connected_ = true;
      return Done{};
    }
    if (!is_daemon_away(fault) && fault != EAGAIN) return cannot_connect(fault);
    if (!backoff.pause(fault == EAGAIN ? deadline : patience)) return cannot_connect(fault);
  }
}

// The reply stays in the connection's buffer.
Result<std::string_view> Client::exchange(std::string_view frame, Repeat repeat,
                                          const Fd& descriptor) {
  const Deadline deadline = Deadline::in_ms(timeout_ms_);
  if (!credential_.is_shown_with(frame)) return transfer(frame, repeat, descriptor, deadline);
  if (credential_.is_due() && !renew(credential_, deadline).ok()) {
    credential_.postpone_login();
    refusal_ = "{}";
  }
  const auto ask = [&] {
    return transfer(credential_.shown_with(frame).reveal(), repeat, descriptor, deadline);
  };
  Result<std::string_view> reply = ask();
  const bool is_over = credential_.is_login() && reply.ok() && is_credential_refused(reply.value());
  if (!is_over) return reply;
  if (Result<Done> renewed = renew(credential_, deadline); !renewed.ok()) return renewed.error();
  return ask();
}

Result<Done> Client::renew(Credential& login, Deadline deadline) {
  const WipedAfterUse wiped{connection_};
  Result<std::string_view> reply = transfer(login.login_frame(), Repeat::yes, Fd(), deadline);
  if (!reply.ok()) return reply.error();
  Result<Done> taken = login.take_login(reply.value());
  return taken.ok() ? taken : refused(taken.error(), reply.value());
}

Result<std::string_view> Client::transfer(std::string_view frame, Repeat repeat,
                                          const Fd& descriptor, Deadline deadline) {
  if (frame.size() > kFrameBytesMax) {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "the request is longer than the daemon accepts"};
  }
  Backoff backoff;
  for (int breaks = 0;; ++breaks) {
    const bool is_new = !connection_.is_usable();
    if (is_new) {
      if (Result<Done> done = connect(deadline); !done.ok()) return done.error();
    }
    const Outcome outcome = connection_.exchange(frame, descriptor, deadline);
    const bool is_sent_again = repeat == Repeat::yes || !connection_.has_sent_any();
    const bool may_go_on = is_sent_again && breaks < kBreaksMax;
    if (outcome == Outcome::replied) {
      if (!may_go_on || !is_shutting_down(connection_.reply())) return connection_.reply();
    } else if (outcome != Outcome::broken || !may_go_on) {
      connection_.close();
      return lost(outcome);
    }
    connection_.close();
    if (is_new && !backoff.pause(deadline)) return lost(Outcome::timed_out);
  }
}

Error Client::refused(Error error, std::string_view reply) {
  refusal_ = tokman::error_details(reply);
  if (error.code == TOKMAN_E_PROTOCOL) connection_.close();
  return error;
}

Error Client::lost(Outcome outcome) const {
  switch (outcome) {
    case Outcome::timed_out:
      return Error{TOKMAN_E_TIMED_OUT, "no answer from " + socket_path_ + " within " +
                                           std::to_string(timeout_ms_) + " ms"};
    case Outcome::malformed:
      return Error{TOKMAN_E_PROTOCOL, "the daemon at " + socket_path_ + " does not speak Varlink"};
    case Outcome::broken:
    case Outcome::replied:
      break;
  }
  return Error{TOKMAN_E_DAEMON_UNREACHABLE, "the daemon at " + socket_path_ + " hung up"};
}

Error Client::cannot_connect(int fault) const {
  const bool is_there_later = is_daemon_away(fault) || fault == EAGAIN;
  return Error{is_there_later ? TOKMAN_E_DAEMON_UNREACHABLE : TOKMAN_E_SYSTEM,
               "connecting to " + socket_path_ + ": " + strerrordesc_np(fault) + advice_for(fault)};
}

}  // namespace tokman
