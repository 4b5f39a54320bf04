#include "daemon/services/callers/caller_directory.h"

#include <memory>

#include "daemon/platform/linux/peer.h"
#include "daemon/platform/linux/user_names.h"

namespace tokman {
namespace {

constexpr std::chrono::seconds kKeptFor{60};
constexpr std::size_t kNamesMax = 4096;

std::vector<gid_t> named_groups(const PeerFacts& facts) {
  std::vector<gid_t> all = facts.groups;
  all.push_back(facts.gid);
  std::erase(all, kOverflowId);  // Nobody's, whatever its name.
  return all;
}

// May ask a directory server.
PeerFacts read_account(const std::string& name) {
  PeerFacts facts;
  facts.user = name;
  auto account = find_user_account(name);
  if (!account) return facts;
  facts.uid = account->uid;
  facts.gid = account->gid;
  facts.groups = std::move(account->groups);
  for (const gid_t gid : named_groups(facts)) {
    if (auto group = find_group_name(gid)) facts.group_names.push_back(std::move(*group));
  }
  return facts;
}

std::string describe(const PeerFacts& facts) {
  std::string text = "uid:" + std::to_string(facts.uid);
  if (facts.user) text += "(" + *facts.user + ")";
  if (facts.unit) text += " unit:" + *facts.unit;
  return text;
}

}  // namespace

Result<Caller> CallerDirectory::read(int connection) {
  Result<Peer> peer = read_peer(connection);
  if (!peer.ok()) return peer.error();
  ProcessFacts process = read_process_facts(peer.value());
  Caller caller;
  PeerFacts& facts = caller.subject.facts;
  facts.uid = peer.value().uid;
  facts.gid = peer.value().gid;
  facts.groups = std::move(peer.value().groups);
  facts.pid = peer.value().pid;
  facts.has_pidfd = peer.value().is_vouched;
  facts.unit = std::move(process.unit);
  facts.program = std::move(process.program);
  return caller;
}

bool CallerDirectory::fill_names(Caller& caller) const {
  const Name* user = find(users_, caller.subject.facts.uid);
  if (user == nullptr) return false;
  std::vector<std::string> group_names;
  for (const gid_t gid : named_groups(caller.subject.facts)) {
    const Name* group = find(groups_, gid);
    if (group == nullptr) return false;
    if (group->text) group_names.push_back(*group->text);
  }
  caller.subject.facts.user = user->text;
  caller.subject.facts.group_names = std::move(group_names);
  caller.principal = describe(caller.subject.facts);
  caller.account = caller.principal;
  return true;
}

OperationPtr CallerDirectory::look_up_names(const Caller& caller, std::function<void()> callback) {
  struct Found {
    std::optional<std::string> user;
    std::vector<std::optional<std::string>> groups;
  };
  const auto found = std::make_shared<Found>();
  const uid_t uid = caller.subject.facts.uid;
  const std::vector<gid_t> gids = named_groups(caller.subject.facts);
  const auto work = [found, uid, gids] {
    found->user = find_user_name(uid);
    for (const gid_t gid : gids) found->groups.push_back(find_group_name(gid));
  };
  return background_.run(work, [this, found, uid, gids, callback = std::move(callback)] {
    keep(users_, uid, std::move(found->user));
    for (std::size_t i = 0; i < gids.size(); ++i)
      keep(groups_, gids[i], std::move(found->groups[i]));
    callback();
  });
}

const PeerFacts* CallerDirectory::find_user(const std::string& name) const {
  const auto found = accounts_.find(name);
  if (found == accounts_.end() || found->second.good_until <= clock_.now()) return nullptr;
  return &found->second.facts;
}

OperationPtr CallerDirectory::look_up_user(const std::string& name,
                                           std::function<void()> callback) {
  LookUp& look_up = look_ups_[name];
  OperationPtr waiting =
      look_up.waiters.add([callback = std::move(callback)](const Done&) { callback(); });
  if (look_up.running) return waiting;
  const auto found = std::make_shared<PeerFacts>();
  look_up.running = background_.run([found, name] { *found = read_account(name); },
                                    [this, found, name] { on_looked_up(name, std::move(*found)); });
  return waiting;
}

void CallerDirectory::on_looked_up(const std::string& name, PeerFacts facts) {
  if (accounts_.size() >= kNamesMax) accounts_.clear();
  accounts_[name] = {std::move(facts), clock_.now() + kKeptFor};
  LookUp done = std::move(look_ups_.extract(name).mapped());
  done.waiters.answer_all(Done{});
}

const CallerDirectory::Name* CallerDirectory::find(const Names& names, std::uint32_t id) const {
  const auto found = names.find(id);
  if (found == names.end() || found->second.good_until <= clock_.now()) return nullptr;
  return &found->second;
}

void CallerDirectory::keep(Names& names, std::uint32_t id, std::optional<std::string> text) {
  if (names.size() >= kNamesMax) names.clear();
  names[id] = {std::move(text), clock_.now() + kKeptFor};
}

}  // namespace tokman
