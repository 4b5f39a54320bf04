#include "daemon/api/session.h"

#include <algorithm>
#include <utility>

#include "daemon/api/dispatcher.h"

namespace tokman {
namespace {

constexpr std::size_t kQueueBytesMax = 32 * 1024 * 1024;
constexpr std::size_t kUnreadBytesMax = 256 * 1024;
constexpr std::size_t kRepeatableMax = 32;
constexpr std::size_t kRepeatableFrameMax = 4096;

}  // namespace

// One call in progress, and its answer until it is its turn.
struct Session::Slot {
  std::unique_ptr<CallContext> context;  // None for a frame that never became a call.
  SecretBytes frame;                     // For on_repeatable(); empty if it is too long for that.
  SecretBytes answer;
  bool is_oneway = false;
  bool is_answered = false;
};

Session::Session(const World& world, Fd fd, Caller caller, const Limits& limits)
    : world_(world),
      limits_(limits),
      caller_(std::move(caller)),
      account_(world.services.budgets, caller_.account, world.services.clock.now()),
      reader_(limits.frame_bytes_max),
      holder_(world.services.exclusive, caller_.subject.facts.uid),
      last_active_(world.services.clock.now()),
      stream_(world.loop, std::move(fd), *this, kQueueBytesMax) {
  ++world_.load.connections;
}

Session::~Session() {
  --world_.load.connections;
  world_.load.calls -= slots_.size();
}

bool Session::is_idle() const {
  return slots_.empty() && !reader_.has_bytes() && stream_.queued_bytes() == 0;
}

bool Session::is_stuck_since(Instant instant) {
  note_waiting();
  return waiting_since_ && *waiting_since_ < instant;
}

void Session::stop_reading() {
  stream_.pause_reading();
  has_ended_ = true;
  if (slots_.empty() && stream_.queued_bytes() == 0) end();
}

void Session::fail_all(const Error& error) {
  is_taking_ = true;
  for (const auto& slot : slots_) {
    if (!slot->is_answered && slot->context) slot->context->fail(error);
  }
  is_taking_ = false;
  go_on();
}

// ---- Calls in ----------------------------------------------------------------------------------

void Session::on_data(std::string_view bytes) {
  last_active_ = world_.services.clock.now();
  reader_.feed(bytes);
  if (!keep_descriptor()) return end();
  go_on();
}

// False if it is the second of one frame. So there are no more than frames not yet taken.
bool Session::keep_descriptor() {
  Fd descriptor = stream_.take_descriptor();
  if (!descriptor.valid()) return true;
  const std::uint64_t frame = frames_taken_ + reader_.frames_before_last_byte();
  return descriptors_.try_emplace(frame, std::move(descriptor)).second;
}

Fd Session::take_descriptor() {
  const std::uint64_t frame = frames_taken_++;
  if (descriptors_.empty()) return {};
  auto found = descriptors_.extract(frame);
  return found ? std::move(found.mapped()) : Fd();
}

// Takes calls and sends answers until both have to wait. May end the session.
void Session::go_on() {
  do {
    if (!take_frames()) return end();
    send_answered();
  } while (may_take() && reader_.has_whole_frame());
  reader_.keep_rest();
  note_waiting();
  if (has_ended_) {
    if (slots_.empty() && stream_.queued_bytes() == 0) return end();
  } else if (may_take()) {
    stream_.resume_reading();
  } else {
    stream_.pause_reading();
  }
}

// Who does not read its answers has to wait with further calls: else they would pile up here.
bool Session::may_take() const {
  return slots_.size() < limits_.calls_per_connection && stream_.queued_bytes() <= kUnreadBytesMax;
}

// False if the peer does not speak the protocol.
bool Session::take_frames() {
  is_taking_ = true;
  while (may_take()) {
    const auto frame = reader_.next_frame();
    if (!frame.ok()) return false;
    if (!frame.value()) break;
    take_frame(*frame.value(), take_descriptor());
  }
  is_taking_ = false;
  return true;
}

void Session::take_frame(std::string_view frame, Fd descriptor) {
  if (slots_.empty() && answer_again(frame)) return;
  if (world_.load.calls >= limits_.calls_per_uid) {
    return refuse_frame(Error{
        TOKMAN_E_BUSY,
        "too many calls of uid " + std::to_string(caller_.subject.facts.uid) + " are in progress"});
  }
  take_call(frame, std::move(descriptor));
}

bool Session::answer_again(std::string_view frame) {
  const auto found = repeatable_.find(frame);
  if (found == repeatable_.end()) return false;
  const RepeatableAnswer& known = found->second;
  if (!is_still_good(known)) {
    repeatable_.erase(found);
    return false;
  }
  const Instant now = world_.services.clock.now();
  const Caller& caller = known.presented ? *known.presented : caller_;
  std::optional<CallerBudgets::Account> presented;
  if (known.presented) presented.emplace(world_.services.budgets, caller.account, now);
  CallerBudgets::Account& account = presented ? *presented : account_;
  if (account.request_wait(known.requests_per_minute, now)) return false;  // To be refused.
  account.take_request(known.requests_per_minute, now);
  stream_.write(known.answer->give(caller));
  return true;
}

// Policy, credential and answer are what they were when it was given.
bool Session::is_still_good(const RepeatableAnswer& known) const {
  const Services& services = world_.services;
  return known.generation == services.live.generation() &&
         (!known.presented || services.credentials.still_holds(*known.presented)) &&
         known.answer->is_good();
}

void Session::take_call(std::string_view frame, Fd descriptor) {
  Result<Call> call = parse_call(frame);
  if (!call.ok()) return refuse_frame(call.error());
  Slot& slot = add_slot();
  if (frame.size() <= kRepeatableFrameMax) slot.frame = SecretBytes(frame);
  slot.is_oneway = call.value().oneway;
  slot.context = std::make_unique<CallContext>(
      std::move(call).value(), std::move(descriptor),
      CallContext::World{world_.services, world_.interfaces, caller_, holder_, account_, *this});
  dispatch(*slot.context);
}

void Session::refuse_frame(const Error& error) {
  Slot& slot = add_slot();
  slot.answer = SecretBytes(render_error(error));
  slot.is_answered = true;
}

Session::Slot& Session::add_slot() {
  ++world_.load.calls;
  return *slots_.emplace_back(std::make_unique<Slot>());
}

// ---- Answers out -------------------------------------------------------------------------------

void Session::on_part(CallContext& context, SecretBytes frame) {
  Slot& slot = slot_of(context);
  if (slot.is_oneway) return;
  append(slot, std::move(frame));
  if (&slot == slots_.front().get()) stream_.write(std::exchange(slot.answer, {}));
}

void Session::on_answer(CallContext& context, SecretBytes frame) {
  Slot& slot = slot_of(context);
  slot.is_answered = true;
  if (!slot.is_oneway) append(slot, std::move(frame));
  if (!is_taking_) go_on();
}

void Session::on_repeatable(CallContext& context, RepeatableAnswer answer) {
  Slot& slot = slot_of(context);
  if (slot.frame.empty() || slot.is_oneway) return;
  if (repeatable_.size() >= kRepeatableMax) repeatable_.clear();
  repeatable_.insert_or_assign(std::move(slot.frame), std::move(answer));
}

Session::Slot& Session::slot_of(const CallContext& context) {
  return **std::find_if(slots_.begin(), slots_.end(),
                        [&](const auto& slot) { return slot->context.get() == &context; });
}

// Parts of an answer wait in its slot until the answers before it have gone.
void Session::append(Slot& slot, SecretBytes frame) {
  slot.answer = slot.answer.empty() ? std::move(frame)
                                    : SecretBytes::concat({slot.answer.reveal(), frame.reveal()});
}

void Session::send_answered() {
  while (!slots_.empty() && slots_.front()->is_answered) {
    const std::unique_ptr<Slot> slot = std::move(slots_.front());
    slots_.pop_front();
    --world_.load.calls;
    if (!slot->is_oneway) stream_.write(std::move(slot->answer));
  }
  if (!slots_.empty() && !slots_.front()->answer.empty()) {
    stream_.write(std::exchange(slots_.front()->answer, {}));
  }
}

void Session::note_waiting() {
  const bool waits =
      stream_.queued_bytes() > 0 || (slots_.empty() && reader_.has_bytes() && !has_ended_);
  if (!waits || stream_.sent_bytes() != sent_before_) waiting_since_.reset();
  if (waits && !waiting_since_) waiting_since_ = world_.services.clock.now();
  sent_before_ = stream_.sent_bytes();
}

// ---- The end -----------------------------------------------------------------------------------

void Session::on_end() {
  has_ended_ = true;
  if (slots_.empty() && stream_.queued_bytes() == 0) end();
}

void Session::on_error(Error) { end(); }

void Session::on_drained() {
  last_active_ = world_.services.clock.now();
  go_on();
}

void Session::end() { world_.owner.on_session_ended(*this); }

}  // namespace tokman
