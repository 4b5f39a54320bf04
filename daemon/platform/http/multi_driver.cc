#include "daemon/platform/http/multi_driver.h"

#include <cstdlib>

namespace tokman {

class MultiDriver::Socket final : public FdWatch::Owner {
 public:
  Socket(MultiDriver& driver, curl_socket_t fd)
      : driver_(driver), fd_(fd), watch_(driver.loop_, fd, *this) {}

  void set(int wish) {
    watch_.set({.read = (wish & CURL_POLL_IN) != 0, .write = (wish & CURL_POLL_OUT) != 0});
  }

 private:
  void on_ready(Readiness ready) override {
    driver_.act(fd_, (ready.read ? CURL_CSELECT_IN : 0) | (ready.write ? CURL_CSELECT_OUT : 0) |
                         (ready.failed ? CURL_CSELECT_ERR : 0));  // *this may be gone.
  }

  MultiDriver& driver_;
  const curl_socket_t fd_;
  FdWatch watch_;
};

MultiDriver::MultiDriver(Loop& loop) : loop_(loop), multi_(curl_multi_init()) {
  if (multi_ == nullptr) std::abort();  // No memory: no daemon.
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer_wish);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

MultiDriver::~MultiDriver() { curl_multi_cleanup(multi_); }  // Lets go of its sockets, too.

void MultiDriver::add(CURL* easy, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_multi_add_handle(multi_, easy);
}

void MultiDriver::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

int MultiDriver::on_socket_wish(CURL*, curl_socket_t fd, int wish, void* self, void*) {
  MultiDriver& driver = *static_cast<MultiDriver*>(self);
  if (wish == CURL_POLL_REMOVE) {
    driver.sockets_.erase(fd);
    return 0;
  }
  std::unique_ptr<Socket>& socket = driver.sockets_[fd];
  if (socket == nullptr) socket = std::make_unique<Socket>(driver, fd);
  socket->set(wish);
  return 0;
}

int MultiDriver::on_timer_wish(CURLM*, long timeout_ms, void* self) {
  MultiDriver& driver = *static_cast<MultiDriver*>(self);
  driver.timer_.reset();
  if (timeout_ms < 0) return 0;
  driver.timer_ = driver.loop_.at(driver.loop_.now() + std::chrono::milliseconds(timeout_ms),
                                  [&driver] { driver.act(CURL_SOCKET_TIMEOUT, 0); });
  return 0;
}

void MultiDriver::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  tell_ended();
}

void MultiDriver::tell_ended() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    char* transfer = nullptr;  // curl's type for what is private to us.
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    remove(easy);  // The message goes with it.
    static_cast<Transfer*>(static_cast<void*>(transfer))->on_transfer_end(code);
  }
}

}  // namespace tokman
