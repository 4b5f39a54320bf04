#pragma once
// Accepts callers, finds out who they are, and owns their sessions.
//
// Limits hold per uid, before anything a caller sends is read: at its limit of connections a uid
// loses the one that has been idle longest, or else the new one. Whoever leaves a frame unfinished
// or its answers unread for 10 s is dropped; being idle is nothing to be dropped for.
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "daemon/api/session.h"
#include "daemon/platform/uv/unix_listener.h"
#include "daemon/services/callers/caller_directory.h"

namespace tokman {

class UnixServer final : private UnixListener::Events, private Session::Owner {
 public:
  struct World {  // REQUIRES: all outlive the server.
    Loop& loop;
    Services& services;
    CallerDirectory& callers;
    std::span<const Interface> interfaces;
  };

  UnixServer(const World& world, ListeningSocket socket);
  ~UnixServer();

  std::size_t connections() const { return sessions_.size(); }

  // For shutdown: accepts no one, takes no further calls. Calls back when all sessions are over.
  void stop(std::function<void()> all_ended);

  // Those that are still waiting for an answer get this one, and all sessions end. REQUIRES:
  // stop().
  void fail_all(const Error& error);

 private:
  struct Arrival;  // Accepted, but not yet known by name.
  using Sessions = std::list<std::unique_ptr<Session>>;

  void on_connection(Fd fd) override;
  void on_accept_error(Error error) override;
  void on_session_ended(Session& session) override;

  void on_named(std::list<Arrival>::iterator arrival);
  void begin(Fd fd, Caller caller);
  bool make_room(UidLoad& load, uid_t uid);
  void sweep();
  Session::Limits limits() const;

  World world_;
  std::map<uid_t, UidLoad> loads_;
  Sessions sessions_;
  std::list<Arrival> arrivals_;
  OperationPtr sweeping_;  // Armed while there are sessions.
  std::function<void()> all_ended_;
  std::optional<UnixListener> listener_;
};

}  // namespace tokman
