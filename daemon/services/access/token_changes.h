#pragma once
// What one call changes of the access tokens: decided and written in one transaction, and answered
// once that is on disk.
//
// The decision reads what is there at that moment, changes made just before it included; nothing
// is written unless it is favourable. So of many who ask for the same at once, the first makes it
// and the others find it made.
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/access/history_entry.h"
#include "daemon/services/access/credential_epoch.h"
#include "daemon/services/store/access_token_table.h"
#include "daemon/services/store/history_table.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

// Written in this order: so a name that an ended token had is free for a new one.
struct TokenEdits {
  std::vector<AccessTokenInfo> ended;
  std::vector<AccessTokenRecord> put;  // Made, or changed.
  std::vector<HistoryEntry> history;

  Result<Done> write_to(WriteTxn& txn, const AccessTokenTable& table,
                        const HistoryTable& log) const;

  bool is_empty() const { return history.empty(); }
  // Whether what was known about a token that is there is so no more.
  bool is_about_former_tokens() const {
    return std::any_of(history.begin(), history.end(), [](const HistoryEntry& entry) {
      return entry.action != HistoryAction::create;
    });
  }
};

class TokenChanges {
 public:
  struct World {  // REQUIRES: all outlive this object, and the writer's last callback.
    const AccessTokenTable& table;
    const HistoryTable& history;
    StoreWriter& writer;
    CredentialEpoch& epoch;
    const Clock& clock;
    Timers& timers;
  };

  explicit TokenChanges(const World& world) : world_(world) {}

  // Runs on the writer's thread, and may run twice: it has no effect but on `edits`.
  template <class Answer>
  using Decide = std::function<Result<Answer>(const ReadTxn&, TokenEdits& edits)>;
  template <class Answer>
  using Callback = std::function<void(Result<Answer>)>;

  // Once added, a change is made whether or not somebody waits for the answer.
  template <class Answer>
  [[nodiscard]] OperationPtr add(Decide<Answer> decide, Callback<Answer> callback) const {
    auto change = std::make_shared<Change<Answer>>(std::move(decide), std::move(callback));
    const Result<Done> added = world_.writer.add(
        {.name = "",
         .apply = [change, world = world_](WriteTxn& txn) { return apply(world, *change, txn); },
         .done = [change,
                  world = world_](const Result<Done>& stored) { finish(world, *change, stored); }});
    if (!added.ok()) return answer_later<Answer>(added.error(), std::move(change->callback));
    return std::make_unique<Waiting<Answer>>(std::move(change));
  }

  // For what is known without a change.
  template <class Answer>
  [[nodiscard]] OperationPtr answer_later(Result<Answer> answer, Callback<Answer> callback) const {
    auto kept = std::make_shared<Result<Answer>>(std::move(answer));
    return world_.timers.at(world_.clock.now(),
                            [kept, callback = std::move(callback)] { callback(std::move(*kept)); });
  }

 private:
  template <class Answer>
  struct Change {
    Change(Decide<Answer> d, Callback<Answer> c) : decide(std::move(d)), callback(std::move(c)) {}

    Decide<Answer> decide;
    Callback<Answer> callback;  // Empty once nobody waits; of the loop, all else of the writer.
    std::optional<Result<Answer>> answer;
    bool is_about_former_tokens = false;
  };

  template <class Answer>
  struct Waiting final : Operation {
    explicit Waiting(std::shared_ptr<Change<Answer>> c) : change(std::move(c)) {}
    ~Waiting() override { change->callback = nullptr; }
    std::shared_ptr<Change<Answer>> change;
  };

  template <class Answer>
  static Result<Done> apply(const World& world, Change<Answer>& change, WriteTxn& txn) {
    TokenEdits edits;
    change.answer.emplace(change.decide(txn, edits));
    if (!change.answer->ok()) return Done{};
    change.is_about_former_tokens = edits.is_about_former_tokens();
    return edits.write_to(txn, world.table, world.history);
  }

  template <class Answer>
  static void finish(const World& world, Change<Answer>& change, const Result<Done>& stored) {
    if (stored.ok() && change.is_about_former_tokens) world.epoch.advance();
    const Callback<Answer> callback = std::exchange(change.callback, nullptr);
    if (!callback) return;
    callback(stored.ok() ? std::move(*change.answer) : Result<Answer>(stored.error()));
  }

  World world_;
};

}  // namespace tokman
