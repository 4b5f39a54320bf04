#pragma once
// Drives curl's transfers from the loop: curl says which sockets and times it waits for, the loop
// says when they are there.
//
// Ended transfers are looked for after everything that could have ended one, and only there; so a
// transfer's end is told from the loop, never from within add() or remove().
#include <curl/curl.h>

#include <map>
#include <memory>

#include "daemon/platform/uv/fd_watch.h"
#include "daemon/platform/uv/loop.h"

namespace tokman {

class MultiDriver {
 public:
  class Transfer {
   public:
    // The transfer was removed before. It may be destroyed in the call.
    virtual void on_transfer_end(CURLcode code) = 0;

   protected:
    ~Transfer() = default;
  };

  // REQUIRES: loop outlives the driver, and the driver all transfers; it is not destroyed from
  // inside on_transfer_end().
  explicit MultiDriver(Loop& loop);
  ~MultiDriver();
  MultiDriver(const MultiDriver&) = delete;
  MultiDriver& operator=(const MultiDriver&) = delete;

  void add(CURL* easy, Transfer& transfer);
  // Ends it if it is running; on_transfer_end() is not called.
  void remove(CURL* easy);

 private:
  class Socket;

  static int on_socket_wish(CURL* easy, curl_socket_t fd, int wish, void* self, void* unused);
  static int on_timer_wish(CURLM* multi, long timeout_ms, void* self);
  void act(curl_socket_t fd, int events);
  void tell_ended();

  Loop& loop_;
  std::map<curl_socket_t, std::unique_ptr<Socket>> sockets_;
  OperationPtr timer_;
  CURLM* multi_;
};

}  // namespace tokman
