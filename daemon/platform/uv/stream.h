#pragma once
// A connected byte-stream socket in the loop. It may be destroyed at any time, also from inside its
// own events; that closes the socket and wipes what was not yet sent.
//
// Events come from the loop only, never from inside write() or any other call. At most one of
// on_end() and on_error() needs an answer: after on_end() the peer may still be reading, after
// on_error() nothing more happens.
//
// With bytes the peer may send a descriptor (unix(7), SCM_RIGHTS): one at a time, more break the
// connection. It came with the last of the bytes that on_data() shows.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <utility>

#include "daemon/platform/uv/fd_watch.h"
#include "daemon/platform/uv/loop.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class Stream final : private FdWatch::Owner {
 public:
  class Events {
   public:
    // The view ends with the call; the bytes behind it are wiped.
    virtual void on_data(std::string_view bytes) = 0;
    // The peer will send no more.
    virtual void on_end() = 0;
    // The connection is broken, or the peer left more unread than queue_bytes_max.
    virtual void on_error(Error error) = 0;
    // Everything that had to wait has been sent.
    virtual void on_drained() {}

   protected:
    ~Events() = default;
  };

  // REQUIRES: loop and events outlive the stream. Reading begins at once.
  Stream(Loop& loop, Fd fd, Events& events, std::size_t queue_bytes_max);
  ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Sends at once what the socket takes, and keeps the rest until it takes more.
  void write(std::string_view bytes);
  void write(SecretBytes bytes);
  // With a descriptor for the peer, to whom it comes with the first of the bytes.
  void write(std::string_view bytes, Fd descriptor);
  std::size_t queued_bytes() const { return queued_bytes_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }  // Since the start.

  // What came with the bytes of the present on_data(), once; else not valid. Not taken, it is
  // closed.
  Fd take_descriptor() { return std::move(descriptor_); }

  // While reading is paused, a peer that leaves is noticed by the next write or resume_reading().
  void pause_reading();
  void resume_reading();

  int fd() const { return fd_.get(); }

 private:
  struct Piece {
    SecretBytes bytes;
    std::size_t sent = 0;
    Fd descriptor = {};  // Goes with the first byte.
  };

  void on_ready(Readiness ready) override;
  void receive();
  ssize_t receive_message(std::span<char> buffer);
  void flush();
  std::size_t send_now(std::string_view bytes, const Fd& descriptor = Fd());
  void enqueue(Piece piece);
  void update_interest();
  void fail_later(Error error);

  Loop& loop_;
  Events& events_;
  const std::size_t queue_bytes_max_;
  Fd fd_;  // Before watch_: the watch goes first.
  FdWatch watch_;
  Fd descriptor_;
  std::deque<Piece> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
  bool paused_ = false;
  bool ended_ = false;    // on_end() was called.
  OperationPtr failure_;  // Set once: on_error() is due or was called.
};

}  // namespace tokman
