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
#include <utility>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/access/history_entry.h"
#include "daemon/services/access/credential_epoch.h"
#include "daemon/services/store/access_token_table.h"
#include "daemon/services/store/awaited_change.h"
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
    const auto is_about_former_tokens = std::make_shared<bool>(false);
    AwaitedChange<Answer> change;
    change.decide = [world = world_, decide = std::move(decide),
                     is_about_former_tokens](WriteTxn& txn) -> Result<Result<Answer>> {
      TokenEdits edits;
      Result<Answer> answer = decide(txn, edits);
      *is_about_former_tokens = edits.is_about_former_tokens();
      if (!answer.ok()) return answer;
      const Result<Done> written = edits.write_to(txn, world.table, world.history);
      if (!written.ok()) return written.error();
      return answer;
    };
    change.made = [&epoch = world_.epoch, is_about_former_tokens](const Answer&) {
      if (*is_about_former_tokens) epoch.advance();
    };
    change.callback = std::move(callback);
    return add_awaited(world_.writer, world_.clock, world_.timers, std::move(change));
  }

  // For what is known without a change.
  template <class Answer>
  [[nodiscard]] OperationPtr answer_later(Result<Answer> answer, Callback<Answer> callback) const {
    return tokman::answer_later(world_.clock, world_.timers, std::move(answer),
                                std::move(callback));
  }

 private:
  World world_;
};

}  // namespace tokman
