#pragma once
// What a client shows with each of its calls, so that the daemon judges that instead of the
// process.
//
// A credential that was given is shown as it is. One of a client with an id and a key is a login:
// it is renewed after nine tenths of its life, and at once when the daemon does not accept it.
//
// It goes into a frame as the first of the parameters. Frames that hold it, or the key, are wiped.
#include <cstdint>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/client/deadline.h"

namespace tokman {

class Credential {
 public:
  Credential() = default;  // None.
  static Result<Credential> of_token(std::string_view token);
  static Credential of_client(std::string_view id, std::string_view key);  // Not logged in yet.

  // Whether a call with this frame shows it: not if it names a credential of its own.
  bool is_shown_with(std::string_view frame) const;
  // The frame with the credential. REQUIRES: render_call() made it, with parameters.
  SecretBytes shown_with(std::string_view frame) const;

  bool is_login() const { return !login_frame_.empty(); }
  bool is_due() const { return is_login() && renew_at_.remaining_ms() == 0; }
  // The frame that asks for the next login, NUL included.
  std::string_view login_frame() const;
  // Takes the daemon's answer to that. An error is the daemon's own, or TOKMAN_E_PROTOCOL.
  Result<Done> take_login(std::string_view reply);
  // The next login is due when the present one ends.
  void postpone_login();

 private:
  SecretBytes parameter_;  // "auth":"...", or nothing.
  SecretBytes login_frame_;
  std::uint32_t lifetime_ms_ = 0;
  Deadline renew_at_ = Deadline::in_ms(0);  // Never.
};

// Whether the daemon refused a call because of its credential.
bool is_credential_refused(std::string_view reply);

}  // namespace tokman
