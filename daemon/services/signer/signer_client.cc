#include "daemon/services/signer/signer_client.h"

#include <algorithm>

#include "libtokman/base/encoding.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kCallTimeout = 5s;
constexpr std::chrono::milliseconds kPauseMin = 250ms;
constexpr std::chrono::milliseconds kPauseMax = 10s;
constexpr std::size_t kUnsentBytesMax = 256 * 1024;

Error unavailable(const std::string& why) {
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer cannot be used: " + why};
}

Result<AppJwt> parse_app_jwt(const json::Value& parameters) {
  AppJwt jwt;
  std::int64_t expires_at = 0;
  json::ObjectReader reader(parameters);
  reader.field("jwt", jwt.jwt).field("expires_at", expires_at);
  reader.field("key_fingerprint", jwt.key_fingerprint);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  jwt.expires_at = UnixTime(std::chrono::seconds(expires_at));
  return jwt;
}

Result<SigningKeyStatus> parse_key(const json::Value& value) {
  std::optional<std::string> fingerprint, error;
  std::optional<bool> replaced;
  json::ObjectReader reader(value);
  reader.field("fingerprint", fingerprint).field("error", error).field("replaced", replaced);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  return SigningKeyStatus{fingerprint.value_or(""), error.value_or(""), replaced.value_or(false)};
}

Result<SigningAppStatus> parse_app(const json::Value& value) {
  SigningAppStatus app;
  json::Value keys;
  json::ObjectReader reader(value);
  if (Result<Done> read = reader.field("name", app.name).field("keys", keys).finish(); !read.ok()) {
    return read.error();
  }
  for (const json::Value& element : keys.elements()) {
    Result<SigningKeyStatus> key = parse_key(element);
    if (!key.ok()) return key.error();
    app.keys.push_back(std::move(key).value());
  }
  return app;
}

Result<std::vector<SigningAppStatus>> parse_status(const json::Value& parameters) {
  json::Value apps;
  json::ObjectReader reader(parameters);
  if (Result<Done> read = reader.field("apps", apps).finish(); !read.ok()) return read.error();
  std::vector<SigningAppStatus> status;
  for (const json::Value& element : apps.elements()) {
    Result<SigningAppStatus> app = parse_app(element);
    if (!app.ok()) return app.error();
    status.push_back(std::move(app).value());
  }
  return status;
}

Result<WebhookVerdict> parse_verdict(const json::Value& parameters) {
  WebhookVerdict verdict;
  std::optional<std::int64_t> index;
  json::ObjectReader reader(parameters);
  reader.field("valid", verdict.is_valid).field("secret_index", index);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  if (index) verdict.secret_index = static_cast<int>(*index);
  return verdict;
}

Result<SignedAccessJwt> parse_access_jwt(const json::Value& parameters) {
  SignedAccessJwt jwt;
  std::int64_t expires_at = 0;
  json::ObjectReader reader(parameters);
  Result<Done> read = reader.field("jwt", jwt.jwt).field("expires_at", expires_at).finish();
  if (!read.ok()) return read.error();
  jwt.expires_at = UnixTime(std::chrono::seconds(expires_at));
  return jwt;
}

Result<std::vector<VerificationKey>> parse_verification_keys(const json::Value& parameters) {
  json::Value keys;
  json::ObjectReader reader(parameters);
  if (Result<Done> read = reader.field("keys", keys).finish(); !read.ok()) return read.error();
  std::vector<VerificationKey> all;
  for (const json::Value& element : keys.elements()) {
    VerificationKey& key = all.emplace_back();
    std::string bytes;
    json::ObjectReader members(element);
    Result<Done> read = members.field("kid", key.kid).field("x", bytes).finish();
    if (!read.ok()) return read.error();
    key.bytes = from_base64url(bytes).value_or("");
  }
  return all;
}

json::Value order_json(const JwtOrder& order) {
  json::Value parameters = json::Value::object().set("app", order.app);
  if (order.clock_offset.count() != 0) {
    parameters.set("clock_offset_s", std::int64_t{order.clock_offset.count()});
  }
  if (!order.key_fingerprint.empty()) parameters.set("key_fingerprint", order.key_fingerprint);
  if (order.issuer == Issuer::app_id) parameters.set("issuer", "app_id");
  return parameters;
}

// An app that the signer does not know is nothing that our caller could have asked for otherwise.
Error app_error(const Error& error) {
  const bool is_key = error.field == kKeyField;
  return error.code == TOKMAN_E_NOT_FOUND && !is_key ? unavailable(error.message) : error;
}

}  // namespace

// What the caller holds; the call itself may be long over.
class SignerClient::WaitingCall : public Operation {
 public:
  WaitingCall(SignerClient& client, std::uint64_t id) : client_(client), id_(id) {}
  ~WaitingCall() override { client_.cancel(id_); }

 private:
  SignerClient& client_;
  std::uint64_t id_;
};

SignerClient::Connection::Connection(Loop& loop, Fd fd, Stream::Events& events)
    : stream(loop, std::move(fd), events, kUnsentBytesMax), reader(kReplyBytesMax) {}

SignerClient::SignerClient(const Ports& ports, Open open)
    : ports_(ports), open_(std::move(open)), pause_(kPauseMin) {
  this->open();
}

OperationPtr SignerClient::sign_app_jwt(const JwtOrder& order,
                                        std::function<void(Result<AppJwt>)> callback) {
  return call("SignAppJwt", order_json(order),
              [callback = std::move(callback)](Result<json::Value> answer) {
                if (!answer.ok()) return callback(app_error(std::move(answer).error()));
                callback(parse_app_jwt(answer.value()));
              });
}

OperationPtr SignerClient::verify_webhook(const std::string& app, const std::string& signature,
                                          Fd body, OnVerdict callback) {
  return call(
      "VerifyWebhook", json::Value::object().set("app", app).set("signature", signature),
      [callback = std::move(callback)](Result<json::Value> answer) {
        if (!answer.ok()) return callback(app_error(std::move(answer).error()));
        callback(parse_verdict(answer.value()));
      },
      std::move(body));
}

OperationPtr SignerClient::sign_access_jwt(const AccessJwtOrder& order,
                                           std::function<void(Result<SignedAccessJwt>)> callback) {
  const std::vector<std::string> scopes(order.scopes.begin(), order.scopes.end());
  return call("SignAccessJwt",
              json::Value::object()
                  .set("client_id", order.client_id)
                  .set("jti", order.jti)
                  .set("scopes", scopes)
                  .set("max_priority", order.max_priority),
              [callback = std::move(callback)](Result<json::Value> answer) {
                if (!answer.ok()) return callback(std::move(answer).error());
                callback(parse_access_jwt(answer.value()));
              });
}

OperationPtr SignerClient::verification_keys(OnVerificationKeys callback) {
  return call("AccessJwtKeys", json::Value::object(),
              [callback = std::move(callback)](Result<json::Value> answer) {
                if (!answer.ok()) return callback(std::move(answer).error());
                callback(parse_verification_keys(answer.value()));
              });
}

OperationPtr SignerClient::reload(std::function<void(Result<Done>)> callback) {
  return call("Reload", json::Value::object(),
              [callback = std::move(callback)](Result<json::Value> answer) {
                if (!answer.ok()) return callback(std::move(answer).error());
                callback(Done{});
              });
}

OperationPtr SignerClient::refresh(OnStatus callback) {
  return call_for_status("Refresh", std::move(callback));
}

OperationPtr SignerClient::status(OnStatus callback) {
  return call_for_status("Status", std::move(callback));
}

OperationPtr SignerClient::drop_replaced_keys(const std::string& app,
                                              std::function<void(Result<Done>)> callback) {
  return call("DropReplacedKeys", json::Value::object().set("app", app),
              [callback = std::move(callback)](Result<json::Value> answer) {
                if (!answer.ok()) return callback(std::move(answer).error());
                callback(Done{});
              });
}

OperationPtr SignerClient::call_for_status(const std::string& method, OnStatus callback) {
  return call(method, json::Value::object(),
              [callback = std::move(callback)](Result<json::Value> answer) {
                if (!answer.ok()) return callback(std::move(answer).error());
                callback(parse_status(answer.value()));
              });
}

OperationPtr SignerClient::call(const std::string& method, json::Value parameters,
                                Answered answered, Fd descriptor) {
  Call message;
  message.method = "io.tokman.Signer." + method;
  message.parameters = std::move(parameters);
  const std::uint64_t id = ++last_id_;
  PendingCall& pending = pending_.emplace_back(PendingCall{
      id, render_call(message), std::move(descriptor), std::move(answered), nullptr, false});
  pending.deadline =
      ports_.timers.at(ports_.clock.now() + kCallTimeout, [this, id] { on_deadline(id); });
  send(pending);
  return std::make_unique<WaitingCall>(*this, id);
}

void SignerClient::open() {
  reopening_.reset();
  Result<Fd> fd = open_();
  if (!fd.ok()) return open_later(fd.error().message);
  Stream::Events& events = *this;
  connection_ = std::make_unique<Connection>(ports_.loop, std::move(fd).value(), events);
  for (PendingCall& pending : pending_) send(pending);
}

void SignerClient::send(PendingCall& pending) {
  if (!connection_) return;
  connection_->stream.write(pending.frame, std::move(pending.descriptor));
  pending.sent = true;
}

void SignerClient::on_data(std::string_view bytes) {
  connection_->reader.feed(bytes);
  for (;;) {
    const Result<std::optional<std::string_view>> frame = connection_->reader.next_frame();
    if (!frame.ok()) return lose_connection(frame.error().message);
    if (!frame.value()) break;
    on_frame(*frame.value());
    if (!connection_) return;
  }
  connection_->reader.keep_rest();
}

void SignerClient::on_end() { lose_connection("it closed the connection"); }
void SignerClient::on_error(Error error) { lose_connection(error.message); }

void SignerClient::on_frame(std::string_view frame) {
  Result<Reply> reply = parse_reply(frame);
  if (!reply.ok()) return lose_connection(reply.error().message);
  if (pending_.empty() || !pending_.front().sent) {
    return lose_connection("it answered what was not asked");
  }
  pause_ = kPauseMin;
  if (!reply.value().error.empty()) return answer_first(error_from_reply(reply.value()));
  answer_first(reply.value().parameters);
}

// A call that was not sent yet stands for itself; one that was stands for the connection.
void SignerClient::on_deadline(std::uint64_t id) {
  const auto late = find(id);
  if (late->sent) return lose_connection("it does not answer");
  const Answered answered = std::move(late->answered);
  pending_.erase(late);
  if (answered) answered(unavailable("no connection"));
}

// A call that was sent keeps its place, because its answer will come.
void SignerClient::cancel(std::uint64_t id) {
  const auto call = find(id);
  if (call == pending_.end()) return;
  call->answered = nullptr;
  if (!call->sent) pending_.erase(call);
}

void SignerClient::answer_first(Result<json::Value> result) {
  const Answered answered = std::move(pending_.front().answered);
  pending_.pop_front();
  if (answered) answered(std::move(result));
}

void SignerClient::lose_connection(const std::string& why) {
  connection_.reset();
  open_later(why);
  while (!pending_.empty() && pending_.front().sent) answer_first(unavailable(why));
}

void SignerClient::open_later(const std::string& why) {
  const auto jitter = 0.75 + ports_.random.fraction() / 2;
  const auto pause = std::chrono::floor<std::chrono::milliseconds>(pause_ * jitter);
  ports_.log.warning("signer lost", {{"error", why}, {"retry_in_ms", pause.count()}});
  pause_ = std::min(pause_ * 2, kPauseMax);
  reopening_ = ports_.timers.at(ports_.clock.now() + pause, [this] {
    ++restarts_;
    open();
  });
}

std::deque<SignerClient::PendingCall>::iterator SignerClient::find(std::uint64_t id) {
  return std::find_if(pending_.begin(), pending_.end(),
                      [id](const PendingCall& pending) { return pending.id == id; });
}

}  // namespace tokman
