#pragma once
// One connection of one caller: frames in, answers out, in the order of the calls.
//
//   bytes ─► frame ─► the same bytes as before, and their answer still good? ─► that again
//                        │ no
//                        └─► parse ─► dispatch ─► answer, when it is its turn
//
// A descriptor that was sent with a frame goes with its call; at most one with each.
// A caller may send calls without waiting for answers; beyond a limit, or while it leaves answers
// unread, no more is read from it. Destroying the session cancels what its calls have started.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "daemon/api/call_context.h"
#include "daemon/platform/uv/stream.h"
#include "libtokman/protocol/frame.h"

namespace tokman {

// What the connections of one uid have in use.
struct UidLoad {
  std::size_t connections = 0;
  std::size_t calls = 0;
};

class Session final : private Stream::Events, private AnswerSink {
 public:
  struct Limits {
    std::size_t frame_bytes_max = 0;
    std::size_t calls_per_connection = 0;
    std::size_t calls_per_uid = 0;
  };
  class Owner {
   public:
    // The session is over; it must be destroyed now. Nothing of it runs afterwards.
    virtual void on_session_ended(Session& session) = 0;

   protected:
    ~Owner() = default;
  };
  struct World {  // REQUIRES: all outlive the session.
    Loop& loop;
    Services& services;
    std::span<const Interface> interfaces;
    Owner& owner;
    UidLoad& load;
  };

  Session(const World& world, Fd fd, Caller caller, const Limits& limits);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Caller& caller() const { return caller_; }
  Instant last_active() const { return last_active_; }

  // Nothing is going on: no call, no part of a frame, nothing to send.
  bool is_idle() const;

  // Has kept us waiting since before `instant` for the rest of a frame, or to read on.
  bool is_stuck_since(Instant instant);

  // Takes no further calls; ends when those in progress are answered.
  void stop_reading();

  // Answers every call in progress with this error.
  void fail_all(const Error& error);

 private:
  struct Slot;
  // A frame may hold a credential. It is looked up without a copy.
  struct FrameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view frame) const {
      return std::hash<std::string_view>()(frame);
    }
    std::size_t operator()(const SecretBytes& frame) const { return (*this)(frame.reveal()); }
  };
  struct FrameEqual {
    using is_transparent = void;
    bool operator()(const SecretBytes& left, const SecretBytes& right) const {
      return left.reveal() == right.reveal();
    }
    bool operator()(std::string_view left, const SecretBytes& right) const {
      return left == right.reveal();
    }
  };

  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_error(Error error) override;
  void on_drained() override;

  void on_part(CallContext& context, SecretBytes frame) override;
  void on_answer(CallContext& context, SecretBytes frame) override;
  void on_repeatable(CallContext& context, RepeatableAnswer answer) override;

  bool may_take() const;
  bool take_frames();
  void take_frame(std::string_view frame, Fd descriptor);
  bool answer_again(std::string_view frame);
  bool is_still_good(const RepeatableAnswer& known) const;
  void take_call(std::string_view frame, Fd descriptor);
  bool keep_descriptor();
  Fd take_descriptor();
  void refuse_frame(const Error& error);
  Slot& add_slot();
  void send_answered();
  Slot& slot_of(const CallContext& context);
  static void append(Slot& slot, SecretBytes frame);
  void note_waiting();
  void go_on();
  void end();

  World world_;
  Limits limits_;
  Caller caller_;
  CallerBudgets::Account account_;
  FrameReader reader_;
  ExclusiveTokens::Holder holder_;
  std::uint64_t frames_taken_ = 0;
  std::map<std::uint64_t, Fd> descriptors_;  // By the number of the frame they came with.
  std::deque<std::unique_ptr<Slot>> slots_;  // Calls in progress, the oldest first.
  std::unordered_map<SecretBytes, RepeatableAnswer, FrameHash, FrameEqual> repeatable_;
  Instant last_active_;
  std::optional<Instant> waiting_since_;  // For the peer to end a frame or to read.
  std::uint64_t sent_before_ = 0;         // When that was last looked at: more is progress.
  bool is_taking_ = false;                // Further up the stack: answers wait for it.
  bool has_ended_ = false;                // No more calls will come.
  Stream stream_;                         // Last: it goes first.
};

}  // namespace tokman
