#pragma once
// tokmand's side of io.tokman.Signer: keeps a connection to the signer, and asks through it.
//
// Happy path: the connection is open; calls are written as they come, and answered in that order.
//
// What can go wrong: the connection breaks, or a call is not answered within 5 s, which ends the
// connection too, because those behind it would not be either. Calls that were sent then fail with
// TOKMAN_E_SECRET_UNAVAILABLE; calls that were not wait for the next connection, 5 s at most. It
// is opened after 250 ms, then after twice that and so on up to 10 s, until a call is answered.
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/platform/uv/stream.h"
#include "daemon/services/signer/signer.h"
#include "libtokman/base/fd.h"
#include "libtokman/protocol/frame.h"
#include "libtokman/protocol/message.h"

namespace tokman {

class SignerClient final : public Signer, private Stream::Events {
 public:
  // Makes a connection, and lets go of the one before: SignerLink::connect().
  using Open = std::function<Result<Fd>()>;

  // What it is built on. REQUIRES: all of it outlives the client.
  struct Ports {
    Loop& loop;  // For the connection; times come from the two below.
    const Clock& clock;
    Timers& timers;
    Random& random;
    Log& log;
  };

  // Opens the first connection at once. REQUIRES: operations end before the client does, and it
  // is not destroyed from inside a callback.
  SignerClient(const Ports& ports, Open open);

  [[nodiscard]] OperationPtr sign_app_jwt(const JwtOrder& order,
                                          std::function<void(Result<AppJwt>)> callback) override;
  [[nodiscard]] OperationPtr verify_webhook(const std::string& app, const std::string& signature,
                                            Fd body, OnVerdict callback) override;
  [[nodiscard]] OperationPtr sign_access_jwt(
      const AccessJwtOrder& order, std::function<void(Result<SignedAccessJwt>)> callback) override;
  [[nodiscard]] OperationPtr verification_keys(OnVerificationKeys callback) override;
  [[nodiscard]] OperationPtr reload(std::function<void(Result<Done>)> callback) override;
  [[nodiscard]] OperationPtr refresh(OnStatus callback) override;
  [[nodiscard]] OperationPtr status(OnStatus callback) override;
  [[nodiscard]] OperationPtr drop_replaced_keys(
      const std::string& app, std::function<void(Result<Done>)> callback) override;

  bool is_connected() const { return connection_ != nullptr; }
  // How often it was opened again.
  int restarts() const { return restarts_; }

 private:
  class WaitingCall;
  using Answered = std::function<void(Result<json::Value>)>;

  struct Connection {
    Connection(Loop& loop, Fd fd, Stream::Events& events);

    Stream stream;
    FrameReader reader;
  };
  struct PendingCall {
    std::uint64_t id = 0;
    std::string frame;
    Fd descriptor;      // Goes with the frame.
    Answered answered;  // None once cancelled.
    OperationPtr deadline;
    bool sent = false;
  };

  OperationPtr call(const std::string& method, json::Value parameters, Answered answered,
                    Fd descriptor = Fd());
  OperationPtr call_for_status(const std::string& method, OnStatus callback);
  void open();
  void send(PendingCall& pending);
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_error(Error error) override;
  void on_frame(std::string_view frame);
  void on_deadline(std::uint64_t id);
  void cancel(std::uint64_t id);
  void answer_first(Result<json::Value> result);
  void lose_connection(const std::string& why);
  void open_later(const std::string& why);
  std::deque<PendingCall>::iterator find(std::uint64_t id);

  Ports ports_;
  Open open_;
  std::unique_ptr<Connection> connection_;
  std::deque<PendingCall> pending_;  // Those that were sent come first.
  std::uint64_t last_id_ = 0;
  std::chrono::milliseconds pause_;
  OperationPtr reopening_;
  int restarts_ = 0;
};

}  // namespace tokman
