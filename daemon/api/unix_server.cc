#include "daemon/api/unix_server.h"

#include <algorithm>

namespace tokman {
namespace {

constexpr std::chrono::seconds kSweepEvery{5};
constexpr std::chrono::seconds kStuckAfter{10};
constexpr std::size_t kArrivalsMax = 4096;

}  // namespace

struct UnixServer::Arrival {
  Fd fd;
  Caller caller;
  OperationPtr naming;
};

UnixServer::UnixServer(const World& world, ListeningSocket socket) : world_(world) {
  listener_.emplace(world.loop, std::move(socket), static_cast<UnixListener::Events&>(*this));
}

UnixServer::~UnixServer() = default;

void UnixServer::stop(std::function<void()> all_ended) {
  listener_.reset();
  arrivals_.clear();
  all_ended_ = std::move(all_ended);
  for (auto at = sessions_.begin(); at != sessions_.end();) (*at++)->stop_reading();
  if (sessions_.empty() && all_ended_) std::exchange(all_ended_, nullptr)();
}

void UnixServer::fail_all(const Error& error) {
  for (auto at = sessions_.begin(); at != sessions_.end();) (*at++)->fail_all(error);
  sessions_.clear();  // They do not read their answers.
  if (all_ended_) std::exchange(all_ended_, nullptr)();
}

void UnixServer::on_connection(Fd fd) {
  Result<Caller> caller = CallerDirectory::read(fd.get());
  if (!caller.ok()) {
    return world_.services.log.warning("caller not known", {{"error", caller.error().message}});
  }
  if (world_.callers.fill_names(caller.value())) {
    return begin(std::move(fd), std::move(caller).value());
  }
  if (arrivals_.size() >= kArrivalsMax) return;  // The name service is stuck: hang up.
  arrivals_.push_front({std::move(fd), std::move(caller).value(), nullptr});
  const auto arrival = arrivals_.begin();
  arrival->naming =
      world_.callers.look_up_names(arrival->caller, [this, arrival] { on_named(arrival); });
}

void UnixServer::on_named(std::list<Arrival>::iterator arrival) {
  Arrival known = std::move(*arrival);
  arrivals_.erase(arrival);
  if (world_.callers.fill_names(known.caller)) begin(std::move(known.fd), std::move(known.caller));
}

void UnixServer::begin(Fd fd, Caller caller) {
  const uid_t uid = caller.subject.facts.uid;
  UidLoad& load = loads_[uid];
  if (!make_room(load, uid)) {
    world_.services.log.warning("connection refused: too many", {{"principal", caller.principal}});
    return;
  }
  const Session::World world{world_.loop, world_.services, world_.interfaces, *this, load};
  sessions_.push_back(std::make_unique<Session>(world, std::move(fd), std::move(caller), limits()));
  if (!sweeping_) {
    sweeping_ = world_.loop.at(world_.loop.now() + kSweepEvery, [this] { sweep(); });
  }
}

bool UnixServer::make_room(UidLoad& load, uid_t uid) {
  const auto connections_max =
      static_cast<std::size_t>(world_.services.live.config().daemon.connections_per_uid);
  if (load.connections < connections_max) return true;
  Session* idlest = nullptr;
  for (const auto& session : sessions_) {
    if (session->caller().subject.facts.uid != uid || !session->is_idle()) continue;
    if (idlest == nullptr || session->last_active() < idlest->last_active()) idlest = session.get();
  }
  if (idlest == nullptr) return false;
  on_session_ended(*idlest);
  return true;
}

void UnixServer::on_session_ended(Session& session) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& owned) { return owned.get() == &session; });
  const std::unique_ptr<Session> ended = std::move(*found);
  sessions_.erase(found);
  if (sessions_.empty() && all_ended_) std::exchange(all_ended_, nullptr)();
}

void UnixServer::on_accept_error(Error error) {
  world_.services.log.error("cannot accept", {{"error", error.message}});
}

void UnixServer::sweep() {
  const Instant now = world_.loop.now();
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    Session& session = **at++;
    if (!session.is_stuck_since(now - kStuckAfter)) continue;
    world_.services.log.warning("connection dropped: frame unfinished or answers unread",
                                {{"principal", session.caller().principal}});
    on_session_ended(session);
  }
  std::erase_if(loads_, [](const auto& item) { return item.second.connections == 0; });
  sweeping_ = sessions_.empty() ? nullptr : world_.loop.at(now + kSweepEvery, [this] { sweep(); });
}

Session::Limits UnixServer::limits() const {
  const DaemonConfig& daemon = world_.services.live.config().daemon;
  return {static_cast<std::size_t>(daemon.frame_bytes_max),
          static_cast<std::size_t>(daemon.calls_per_connection),
          static_cast<std::size_t>(daemon.calls_per_uid)};
}

}  // namespace tokman
