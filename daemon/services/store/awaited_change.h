#pragma once
// A change of the store that somebody waits for: decided within its transaction, answered when it
// is on disk.
//
// Once added it is made, whether or not somebody still waits. REQUIRES, of what `decide` does: it
// writes nothing before all is decided, and a refusal writes nothing at all.
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/base/ports.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

template <class Answer>
struct AwaitedChange {
  // On the writer's thread, and again if the map was full: no effect but on the transaction. The
  // outer Error says that the store failed, the inner one that the change is refused.
  std::function<Result<Result<Answer>>(WriteTxn&)> decide;
  // On the loop, once it is on disk and before anybody is told.
  std::function<void(const Answer&)> made;
  std::function<void(Result<Answer>)> callback;
};

// As the asynchronous methods of daemon/base/ports.h.
template <class Answer>
[[nodiscard]] OperationPtr answer_later(const Clock& clock, Timers& timers, Result<Answer> answer,
                                        std::function<void(Result<Answer>)> callback) {
  auto kept = std::make_shared<Result<Answer>>(std::move(answer));
  return timers.at(clock.now(),
                   [kept, callback = std::move(callback)] { callback(std::move(*kept)); });
}

template <class Answer>
class ChangeInStore {
 public:
  explicit ChangeInStore(AwaitedChange<Answer> change) : change_(std::move(change)) {}

  Result<Done> apply(WriteTxn& txn) {
    Result<Result<Answer>> decided = change_.decide(txn);
    if (!decided.ok()) return decided.error();
    answer_ = std::move(decided).value();
    return Done{};
  }
  void finish(const Result<Done>& stored) {
    if (!stored.ok()) answer_ = stored.error();
    if (answer_->ok()) change_.made(answer_->value());
    if (const auto callback = take_callback()) callback(std::move(*answer_));
  }
  auto take_callback() { return std::exchange(change_.callback, nullptr); }

 private:
  AwaitedChange<Answer> change_;  // The callback is the loop's; the rest the writer's.
  std::optional<Result<Answer>> answer_;
};

template <class Answer>
[[nodiscard]] OperationPtr add_awaited(StoreWriter& writer, const Clock& clock, Timers& timers,
                                       AwaitedChange<Answer> change) {
  struct Waiting final : Operation {
    ~Waiting() override { (void)pending->take_callback(); }
    std::shared_ptr<ChangeInStore<Answer>> pending;
  };
  auto waiting = std::make_unique<Waiting>();
  waiting->pending = std::make_shared<ChangeInStore<Answer>>(std::move(change));
  const Result<Done> added = writer.add(
      {.name = "",
       .apply = [pending = waiting->pending](WriteTxn& txn) { return pending->apply(txn); },
       .done = [pending =
                    waiting->pending](const Result<Done>& stored) { pending->finish(stored); }});
  if (added.ok()) return waiting;
  return answer_later<Answer>(clock, timers, added.error(), waiting->pending->take_callback());
}

}  // namespace tokman
