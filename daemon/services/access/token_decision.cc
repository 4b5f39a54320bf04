#include "daemon/services/access/token_decision.h"

#include "daemon/platform/crypto/digest.h"

namespace tokman {
namespace {

SecretBytes copy_of(const SecretBytes& secret) { return SecretBytes(secret.reveal()); }

// Handed out again and again; others are shown once, and known by their hash from then on.
bool is_delegated(TokenType type) {
  return type == TokenType::notebook || type == TokenType::internal;
}

bool ends_earlier(const std::optional<UnixTime>& end, const std::optional<UnixTime>& former) {
  return end && (!former || *end < *former);
}

}  // namespace

Result<IssuedToken> TokenDecision::make(AccessTokenInfo info, const AccessTerms& terms,
                                        const AccessToken& token) {
  info.key = token.key;
  if (Result<Done> room = check_room(info.username, terms); !room.ok()) return room.error();
  if (Result<Done> freed = free_name(info); !freed.ok()) return freed.error();
  edits_.history.push_back(entry(HistoryAction::create, info));
  edits_.put.push_back({info, sha256(token.secret.reveal()),
                        is_delegated(info.type) ? copy_of(token.secret) : SecretBytes()});
  return IssuedToken{token.text(), std::move(info)};
}

Result<IssuedToken> TokenDecision::find_or_make_child(const std::string& parent,
                                                      const ChildTokenRequest& request,
                                                      const AccessTerms& terms,
                                                      const AccessToken& token) {
  const Result<AccessTokenRecord> found = find_presented(parent);
  if (!found.ok()) return found.error();
  const AccessTokenInfo& parent_info = found.value().info;
  Result<AccessTokenInfo> fresh = new_child_token(parent_info, request, terms, now_);
  if (!fresh.ok()) return fresh.error();
  auto reusable = find_reusable(parent_info, fresh.value(), request);
  if (!reusable.ok()) return reusable.error();
  if (!reusable.value()) return make(std::move(fresh).value(), terms, token);
  AccessTokenRecord& record = *reusable.value();
  const AccessToken former{record.info.key, std::move(record.secret)};
  return IssuedToken{former.text(), std::move(record.info)};
}

// The one that lives longest, should there be several.
Result<std::optional<AccessTokenRecord>> TokenDecision::find_reusable(
    const AccessTokenInfo& parent, const AccessTokenInfo& fresh,
    const ChildTokenRequest& request) const {
  std::optional<AccessTokenRecord> best;
  std::size_t children = 0;
  const Result<Done> done = table_.for_each_child(txn_, parent.key, [&](std::string_view key) {
    ++children;
    if (!is_delegated(fresh.type)) return children < kChildrenMax;
    auto child = table_.find(txn_, key);
    const bool is_usable =
        child.ok() && child.value() &&
        can_reuse_child(child.value()->info, parent, fresh, request.minimum_lifetime, now_);
    if (is_usable && (!best || ends_earlier(best->info.expires, child.value()->info.expires))) {
      best = std::move(child).value();
    }
    return children < kChildrenMax;
  });
  if (!done.ok()) return done.error();
  if (best || children < kChildrenMax) return best;
  return Error{TOKMAN_E_BUSY,
               "the token in 'auth' has " + std::to_string(children) + " children already", "auth"};
}

Result<AccessTokenInfo> TokenDecision::edit(const AccessCaller& caller, const std::string& key,
                                            const std::optional<std::string>& username,
                                            const TokenEdit& edit, const AccessTerms& terms) {
  Result<AccessTokenRecord> found = find_seen(caller, key, username);
  if (!found.ok()) return found.error();
  const AccessTokenInfo former = found.value().info;
  Result<AccessTokenInfo> edited = edited_token(former, edit, terms, now_);
  if (!edited.ok() || edited.value() == former) return edited;
  if (Result<Done> freed = free_name(edited.value()); !freed.ok()) return freed.error();
  put_edited(std::move(found).value(), edited.value());
  if (!ends_earlier(edited.value().expires, former.expires)) return edited;
  if (Result<Done> done = shorten_descendants(edited.value()); !done.ok()) return done.error();
  return edited;
}

Result<Done> TokenDecision::shorten_descendants(const AccessTokenInfo& edited) {
  Result<std::vector<AccessTokenInfo>> infos = table_.descendants(txn_, edited.key);
  if (!infos.ok()) return infos.error();
  for (AccessTokenInfo& info : infos.value()) {
    if (!ends_earlier(edited.expires, info.expires)) continue;
    auto record = table_.find(txn_, info.key);
    if (!record.ok()) return record.error();
    info.expires = edited.expires;
    put_edited(std::move(*record.value()), info);
  }
  return Done{};
}

Result<std::int64_t> TokenDecision::revoke(const AccessCaller& caller, const std::string& key,
                                           const std::optional<std::string>& username) {
  const Result<AccessTokenRecord> found = find_seen(caller, key, username);
  if (!found.ok()) return found.error();
  return end(found.value().info, HistoryAction::revoke);
}

Result<std::int64_t> TokenDecision::end(const AccessTokenInfo& token, HistoryAction how) {
  Result<std::vector<AccessTokenInfo>> found = table_.descendants(txn_, token.key);
  if (!found.ok()) return found.error();
  std::vector<AccessTokenInfo> all = std::move(found).value();
  all.insert(all.begin(), token);
  for (auto info = all.rbegin(); info != all.rend(); ++info) {
    edits_.history.push_back(entry(how, *info));
    edits_.ended.push_back(std::move(*info));
  }
  return static_cast<std::int64_t>(all.size());
}

Result<AccessTokenRecord> TokenDecision::find_presented(const std::string& key) const {
  auto found = table_.find(txn_, key);
  if (!found.ok()) return found.error();
  if (found.value()) return std::move(*found.value());
  return Error{TOKMAN_E_UNAUTHENTICATED, "the access token is not known", "auth"};
}

Result<AccessTokenRecord> TokenDecision::find_seen(
    const AccessCaller& caller, const std::string& key,
    const std::optional<std::string>& username) const {
  if (Result<Done> may = check_may_act_for(caller, caller.username); !may.ok()) return may.error();
  if (!is_access_token_key(key)) return no_such_token();
  auto found = table_.find(txn_, key);
  if (!found.ok()) return found.error();
  if (!found.value() || !found.value()->info.is_alive(now_)) return no_such_token();
  if (!may_see_token(caller, found.value()->info, username)) return no_such_token();
  return std::move(*found.value());
}

Result<Done> TokenDecision::check_room(const std::string& username,
                                       const AccessTerms& terms) const {
  const auto count = table_.count_of_user(txn_, username, terms.tokens_per_user);
  if (!count.ok()) return count.error();
  if (count.value() < terms.tokens_per_user) return Done{};
  return Error{TOKMAN_E_BUSY, username + " has " + std::to_string(count.value()) +
                                  " access tokens already; some of them must end first"};
}

// A name is unique among its user's tokens. One that has expired no longer has it.
Result<Done> TokenDecision::free_name(const AccessTokenInfo& info) {
  if (info.name.empty()) return Done{};
  const auto key = table_.find_by_name(txn_, info.username, info.name);
  if (!key.ok()) return key.error();
  if (!key.value() || *key.value() == info.key) return Done{};
  const auto holder = table_.find(txn_, *key.value());
  if (!holder.ok()) return holder.error();
  if (!holder.value()) return Done{};
  if (holder.value()->info.is_alive(now_)) {
    return Error{TOKMAN_E_DUPLICATE_NAME,
                 info.username + " has a token of the name '" + info.name + "' already", "name"};
  }
  TokenDecision sweep(table_, txn_, edits_, Actor(), now_);
  const Result<std::int64_t> ended = sweep.end(holder.value()->info, HistoryAction::expire);
  if (!ended.ok()) return ended.error();
  return Done{};
}

void TokenDecision::put_edited(AccessTokenRecord record, const AccessTokenInfo& edited) {
  HistoryEntry made = entry(HistoryAction::edit, edited);
  const AccessTokenInfo& former = record.info;
  if (edited.name != former.name) made.old_name = former.name;
  if (edited.scopes != former.scopes) made.old_scopes = former.scopes;
  if (edited.expires != former.expires) made.old_expires = former.expires;
  edits_.history.push_back(std::move(made));
  record.info = edited;
  edits_.put.push_back(std::move(record));
}

HistoryEntry TokenDecision::entry(HistoryAction action, const AccessTokenInfo& token) const {
  return {.time = now_, .action = action, .actor = actor_, .token = token};
}

}  // namespace tokman
