#pragma once
// Serves io.tokman.Signer on sockets, in one thread with poll(2) and nothing else.
//
// The simpler the loop, the fewer system calls the sandbox has to allow. Everything is bounded: 16
// connections (more wait in the kernel's queue), requests of 4 KiB, two descriptors that belong to
// calls still to be read, and no request is read from a connection that has not taken its answers.
// A tenth of a second after its work is done it gives back the pages of code that it needed: that
// is most of its memory, and for minutes to come.
#include <sys/types.h>

#include <deque>
#include <list>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/signer/signer_service.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/protocol/frame.h"

struct pollfd;

namespace tokman {

class Server {
 public:
  static constexpr std::size_t kRequestBytesMax = 4096;
  static constexpr std::size_t kConnectionsMax = 16;
  // A read ends behind the bytes that a descriptor came with, and may begin in the middle of
  // others.
  static constexpr std::size_t kDescriptorsMax = 2;

  // REQUIRES: service and log outlive this object.
  Server(SignerService& service, Log& log) : service_(service), log_(log) {}

  // Serves a peer that needs no check: it gave us the socket.
  void add_connection(Fd fd);

  // Accepts peers of these uids and drops all others. REQUIRES: fd outlives this object.
  void listen(int fd, std::vector<uid_t> permitted_uids);

  // Returns when there is no connection left and none can come.
  void run();

 private:
  struct Connection {
    explicit Connection(Fd socket) : fd(std::move(socket)), reader(kRequestBytesMax) {}

    Fd fd;
    FrameReader reader;
    std::deque<Fd> descriptors;       // Of calls that are not answered yet.
    std::deque<SecretBytes> answers;  // Not yet taken by the peer.
    std::size_t sent = 0;             // Of the first of them.
    bool ended = false;
  };

  std::vector<pollfd> wait(int timeout_ms);
  void accept_one();
  bool is_permitted(int connection);
  void on_ready(Connection& connection);
  void receive(Connection& connection);
  ssize_t receive_bytes(Connection& connection, std::span<char> buffer);
  void answer_all(Connection& connection);
  void send_answers(Connection& connection);

  SignerService& service_;
  Log& log_;
  int listener_ = -1;
  std::vector<uid_t> permitted_uids_;
  std::list<Connection> connections_;
};

}  // namespace tokman
