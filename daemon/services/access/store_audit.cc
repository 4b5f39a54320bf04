#include "daemon/services/access/store_audit.h"

#include <tuple>
#include <utility>

namespace tokman {
namespace {

using Step = AuditChecks::Step;

Result<Done> mend(WriteTxn& txn, Step& step) {
  for (AuditChecks::Found& found : step.found) {
    if (!found.fix) continue;
    if (Result<Done> fixed = found.fix(txn); !fixed.ok()) return fixed;
    if (found.finding) found.finding->is_fixed = true;
  }
  return Done{};
}

}  // namespace

// The writer may have a step of it when it is gone already.
class StoreAudit::Run final : public std::enable_shared_from_this<Run> {
 public:
  Run(const World& world, Mending mending, AuditTerms terms, Callback callback)
      : world_(world),
        mending_(mending),
        checks_(world.database, std::move(terms)),
        callback_(std::move(callback)) {}

  // In the next turn, because a full writer refuses at once.
  void start() {
    operation_ = world_.timers.at(world_.clock.now(), [this] { next_step(); });
  }
  void cancel() {
    callback_ = nullptr;
    operation_.reset();
  }

 private:
  void next_step() { mending_ == Mending::none ? look() : look_and_mend(); }

  void look() {
    auto step = std::make_shared<Result<Step>>(Step{});
    operation_ = world_.background.run(
        [run = shared_from_this(), step] {
          *step = run->world_.database.store().read(
              [&](const ReadTxn& txn) { return run->checks_.look(txn, run->at_); });
        },
        [this, step] { on_looked(std::move(*step)); });
  }

  void look_and_mend() {
    auto step = std::make_shared<Step>();
    const Result<Done> added = world_.writer.add(
        {.name = "",
         .apply = [run = shared_from_this(), step](WriteTxn& txn) -> Result<Done> {
           Result<Step> looked = run->checks_.look(txn, run->at_);
           if (!looked.ok()) return looked.error();
           *step = std::move(looked).value();
           return mend(txn, *step);
         },
         .done =
             [run = shared_from_this(), step](const Result<Done>& stored) {
               if (stored.ok() && !step->found.empty()) run->world_.epoch.advance();
               run->on_looked(stored.ok() ? Result<Step>(std::move(*step)) : stored.error());
             }});
    if (!added.ok()) finish(added.error());
  }

  void on_looked(Result<Step> step) {
    if (!callback_) return;
    if (!step.ok()) return finish(step.error());
    for (AuditChecks::Found& found : step.value().found) {
      if (found.finding) note(std::move(*found.finding));
    }
    if (!step.value().next || findings_.size() >= kFindingsMax) {
      return finish(AuditReport{take_findings(), step.value().next.has_value()});
    }
    at_ = *step.value().next;
    next_step();
  }

  void note(AuditFinding finding) {
    auto [place, is_new] =
        findings_.try_emplace({finding.check, finding.table, finding.key}, finding);
    if (is_new) return;
    AuditFinding& known = place->second;
    if (known.detail.find(finding.detail) == std::string::npos) {
      known.detail += "; " + finding.detail;
    }
    known.is_fixed = known.is_fixed && finding.is_fixed;
  }

  std::vector<AuditFinding> take_findings() {
    std::vector<AuditFinding> all;
    for (auto& [key, finding] : findings_) all.push_back(std::move(finding));
    return all;
  }

  void finish(Result<AuditReport> report) {
    if (const Callback called = std::exchange(callback_, nullptr)) called(std::move(report));
  }

  const World world_;
  const Mending mending_;
  const AuditChecks checks_;
  Callback callback_;  // Empty once nobody waits.
  AuditChecks::Position at_;
  std::map<std::tuple<std::string, std::string, std::string>, AuditFinding> findings_;
  OperationPtr operation_;
};

OperationPtr StoreAudit::run(Mending mending, Callback callback) const {
  struct Running final : Operation {
    explicit Running(std::shared_ptr<Run> r) : run(std::move(r)) {}
    ~Running() override { run->cancel(); }
    std::shared_ptr<Run> run;
  };
  AuditTerms terms = world_.terms();
  terms.now = world_.clock.unix_now();
  terms.ends_orphans = mending == Mending::fix_and_end_orphans;
  auto run = std::make_shared<Run>(world_, mending, std::move(terms), std::move(callback));
  run->start();
  return std::make_unique<Running>(std::move(run));
}

}  // namespace tokman
