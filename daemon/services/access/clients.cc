#include "daemon/services/access/clients.h"

#include <utility>

#include "daemon/services/store/awaited_change.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

Error invalid(std::string field, std::string message) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::move(field)};
}

Error not_found(const std::string& id) {
  return Error{TOKMAN_E_NOT_FOUND, "there is no client '" + id + "'", "id"};
}

Error denied(const std::string& why, std::string field) {
  return Error{TOKMAN_E_DENIED, why, std::move(field)};
}

// Clients may look at themselves, change their key, and end their logins.
Result<Done> check_may_act(const AccessCaller& caller, const std::string& id) {
  if (caller.has(Scope::admin_client) || (!caller.client.empty() && caller.client == id)) {
    return Done{};
  }
  return denied("only the client itself and who has the scope admin:client may do that", "id");
}

// Whoever can change a client can have what it has.
Result<Done> check_may_change(const AccessCaller& caller, const Client& client) {
  if (caller.client == client.id && !caller.has(Scope::admin_client)) return Done{};
  const auto beyond = scope_beyond(client.scopes, caller.scopes);
  if (!beyond) return Done{};
  return denied("client '" + client.id + "' has the scope " + *beyond +
                    ", which you have not: you may not change it",
                "id");
}

Result<Done> check_may_give(const AccessCaller& caller, const Client& client) {
  const auto beyond = scope_beyond(client.scopes, caller.scopes);
  if (!beyond) return Done{};
  return denied("you have not the scope " + *beyond + ": you cannot give it", "scopes");
}

Result<Done> check_version(const Clients::Target& target, const std::optional<Client>& client) {
  const std::int64_t version = client ? client->version : 0;
  if (!target.if_version || *target.if_version == version) return Done{};
  return Error{TOKMAN_E_CONFLICT,
               "client '" + target.id + "' is of version " + std::to_string(version), "if_version"};
}

// The client, if it may be changed.
Result<Done> check_target(const AccessCaller& caller, const Clients::Target& target,
                          const std::optional<Client>& client) {
  if (!client) return not_found(target.id);
  if (Result<Done> may = check_may_change(caller, *client); !may.ok()) return may;
  return check_version(target, client);
}

void append(std::string& text, const std::string& words) {
  text.append(text.empty() ? "" : "; ").append(words);
}

}  // namespace

// What a change did, and what is said of it.
struct Clients::Made {
  ChangedClient changed;
  std::string event;  // "" if nothing was written.
  std::string detail;
};

// One change, on the writer's thread.
struct Clients::Change {
  ClientTable table;
  HistoryTable history;
  Actor actor;
  std::string id;
  Decide decide;
  UnixTime now;

  Result<Result<Made>> operator()(WriteTxn& txn) const {
    const Result<std::optional<Client>> found = table.find(txn, id);
    if (!found.ok()) return found.error();
    std::optional<Client> client = found.value();
    const Decision decision = decide(client);
    if (!decision.ok()) return Result<Made>(decision.error());
    Made made;
    made.changed = {
        .is_created = !found.value(), .version = client->version, .ended = 0, .key = {}};
    if (!decision.value()) return Result<Made>(std::move(made));
    Result<Done> written = write(txn, *decision.value(), *client, made);
    if (!written.ok()) return written.error();
    return append_history(txn, *decision.value(), found.value(), *client, std::move(made));
  }

  Result<Done> write(WriteTxn& txn, const Edit& edit, Client& client, Made& made) const {
    const auto end = [&]() -> Result<std::int64_t> {
      if (edit.record == Edit::Record::removed) return table.remove(txn, id, now);
      if (edit.jti) return table.end_login(txn, id, *edit.jti, now);
      if (edit.logins == Edit::Logins::ended) return table.end_logins(txn, id, now);
      return std::int64_t{0};
    };
    const Result<std::int64_t> ended = end();
    if (!ended.ok()) return ended.error();
    made.changed.ended = ended.value();
    if (edit.record != Edit::Record::put) return Done{};
    client.modified = now;
    made.changed.version = ++client.version;
    return table.put(txn, client);
  }

  Result<Result<Made>> append_history(WriteTxn& txn, const Edit& edit,
                                      const std::optional<Client>& before, const Client& after,
                                      Made made) const {
    if (edit.record == Edit::Record::kept && made.changed.ended == 0)
      return Result<Made>(std::move(made));
    made.event = edit.event;
    made.detail = edit.detail;
    if (made.changed.ended > 0) {
      append(made.detail, "logins ended: " + std::to_string(made.changed.ended));
    }
    HistoryEntry entry{.time = now,
                       .kind = HistoryKind::client,
                       .action = edit.action,
                       .actor = actor,
                       .client = id,
                       .detail = made.detail};
    if (before && before->scopes != after.scopes) entry.old_scopes = before->scopes;
    if (before && before->expires != after.expires) entry.old_expires = before->expires;
    if (Result<Done> done = history.append(txn, entry); !done.ok()) return done.error();
    return Result<Made>(std::move(made));
  }
};

// A change that has to wait until its key is hashed.
class Clients::KeyedChange final : public Operation {
 public:
  KeyedChange(WantedKey key, ChangeWithKey change, OnChanged callback)
      : key_(std::move(key)), change_(std::move(change)), callback_(std::move(callback)) {}

  void start(ClientKeys& keys, const KeyStretch& stretch) {
    if (key_.is_generated) key_.given = keys.make_key();
    const auto on_hash = [this, stretch](Result<std::string> hash) {
      if (!hash.ok()) return finish(std::move(hash).error());
      step_ = change_({stretch, std::move(hash).value()},
                      [this](Result<ChangedClient> changed) { on_changed(std::move(changed)); });
    };
    step_ = keys.hash(SecretBytes(key_.given->reveal()), stretch, on_hash);
  }

 private:
  void on_changed(Result<ChangedClient> changed) {
    if (changed.ok() && key_.is_generated) changed.value().key = *std::move(key_.given);
    finish(std::move(changed));
  }

  void finish(Result<ChangedClient> changed) {
    const OnChanged callback = std::move(callback_);
    callback(std::move(changed));  // *this may be gone.
  }

  WantedKey key_;
  ChangeWithKey change_;
  OnChanged callback_;
  OperationPtr step_;
};

Clients::Clients(World world)
    : world_(std::move(world)), table_(world_.database), history_(world_.database) {}

OperationPtr Clients::put(const AccessCaller& caller, const Target& target,
                          const ClientChange& change, WantedKey key, OnChanged callback) {
  if (Result<Done> checked = check(target.id, change, key); !checked.ok()) {
    return answer_later<ChangedClient>(world_.clock, world_.timers, checked.error(),
                                       std::move(callback));
  }
  if (!key.is_wanted()) return put_with(caller, target, change, std::nullopt, std::move(callback));
  return hash_then(
      std::move(key), world_.keys.make_stretch(),
      [this, caller, target, change](const HashedKey& hashed, OnChanged changed) {
        return put_with(caller, target, change, hashed, std::move(changed));
      },
      std::move(callback));
}

OperationPtr Clients::put_with(const AccessCaller& caller, const Target& target,
                               const ClientChange& change, const std::optional<HashedKey>& key,
                               OnChanged callback) {
  const auto decide = [caller, target, change, key,
                       now = world_.clock.unix_now()](std::optional<Client>& client) -> Decision {
    const bool is_new = !client;
    if (Result<Done> same = check_version(target, client); !same.ok()) return same.error();
    if (is_new && !key) return invalid("key", "a new client needs 'key' or 'generate_key'");
    if (is_new) {
      client = Client{.id = target.id, .created = now};
    } else if (Result<Done> may = check_may_change(caller, *client); !may.ok()) {
      return may.error();
    }
    const Client before = *client;
    change.apply_to(*client);
    if (Result<Done> may = check_may_give(caller, *client); !may.ok()) return may.error();
    if (Result<Done> fits = check_client(*client); !fits.ok()) return fits.error();
    Edit edit{.event = is_new ? "client-created" : "client-changed",
              .action = is_new ? HistoryAction::create : HistoryAction::edit,
              .detail = describe_change(before, *client)};
    if (key) {
      client->stretch = key->stretch;
      client->change_key(key->hash, now, 0s);
      if (!is_new) append(edit.detail, "key replaced");
    }
    if (!is_new && edit.detail.empty()) return std::optional<Edit>();
    if (key || !client->is_alive(now)) edit.logins = Edit::Logins::ended;
    return std::optional(edit);
  };
  return add(caller, target, decide, std::move(callback));
}

OperationPtr Clients::rotate_key(const AccessCaller& caller, const Target& target, WantedKey key,
                                 std::chrono::seconds overlap, OnChanged callback) {
  Result<std::optional<Client>> client = find(target.id);
  Result<Done> checked = client.ok() ? check_may_act(caller, target.id) : client.error();
  if (checked.ok()) checked = check(target.id, {}, key);
  if (checked.ok() && (overlap < 0s || overlap > kKeyOverlapMax)) {
    checked = invalid("overlap", "'overlap' must be from 0 to 604800 seconds, seven days");
  }
  if (checked.ok()) checked = check_target(caller, target, client.value());
  if (!checked.ok()) {
    return answer_later<ChangedClient>(world_.clock, world_.timers, checked.error(),
                                       std::move(callback));
  }
  // All keys of a client are hashed alike; see client.h.
  const bool is_shared = overlap > 0s && !client.value()->keys.empty();
  return hash_then(
      std::move(key), is_shared ? client.value()->stretch : world_.keys.make_stretch(),
      [this, caller, target, overlap](const HashedKey& hashed, OnChanged changed) {
        return rotate_with(caller, target, hashed, overlap, std::move(changed));
      },
      std::move(callback));
}

OperationPtr Clients::rotate_with(const AccessCaller& caller, const Target& target,
                                  const HashedKey& key, std::chrono::seconds overlap,
                                  OnChanged callback) {
  const auto decide = [caller, target, key, overlap,
                       now = world_.clock.unix_now()](std::optional<Client>& client) -> Decision {
    if (Result<Done> may = check_target(caller, target, client); !may.ok()) return may.error();
    if (overlap > 0s && !client->keys.empty() && client->stretch != key.stretch) {
      return Error{TOKMAN_E_CONFLICT, "the client's keys have just changed; try again", "id"};
    }
    client->stretch = key.stretch;
    client->change_key(key.hash, now, overlap);
    Edit edit{.event = "client-key-rotated",
              .detail = "key rotated, overlap " + std::to_string(overlap.count()) + " s"};
    if (overlap == 0s) edit.logins = Edit::Logins::ended;
    return std::optional(edit);
  };
  return add(caller, target, decide, std::move(callback));
}

OperationPtr Clients::disable(const AccessCaller& caller, const Target& target,
                              OnChanged callback) {
  const auto decide = [caller, target](std::optional<Client>& client) -> Decision {
    if (Result<Done> may = check_target(caller, target, client); !may.ok()) return may.error();
    if (std::exchange(client->is_disabled, true)) return std::optional<Edit>();
    return std::optional(
        Edit{.event = "client-disabled", .detail = "disabled: yes", .logins = Edit::Logins::ended});
  };
  return add(caller, target, decide, std::move(callback));
}

OperationPtr Clients::remove(const AccessCaller& caller, const Target& target, OnChanged callback) {
  const auto decide = [caller, target](std::optional<Client>& client) -> Decision {
    if (Result<Done> may = check_target(caller, target, client); !may.ok()) return may.error();
    return std::optional(Edit{.event = "client-deleted",
                              .action = HistoryAction::revoke,
                              .detail = "deleted",
                              .record = Edit::Record::removed});
  };
  return add(caller, target, decide, std::move(callback));
}

OperationPtr Clients::revoke_logins(const AccessCaller& caller, const std::string& id,
                                    const std::optional<std::string>& jti, OnChanged callback) {
  const auto decide = [caller, id, jti](std::optional<Client>& client) -> Decision {
    if (Result<Done> may = check_may_act(caller, id); !may.ok()) return may.error();
    if (Result<Done> may = check_target(caller, {id}, client); !may.ok()) return may.error();
    return std::optional(Edit{.event = "client-logins-revoked",
                              .action = HistoryAction::revoke,
                              .detail = jti ? "login revoked, jti " + *jti : "logins revoked",
                              .record = Edit::Record::kept,
                              .logins = Edit::Logins::ended,
                              .jti = jti});
  };
  return add(caller, {id}, decide, std::move(callback));
}

Result<ListedClient> Clients::get(const AccessCaller& caller, const std::string& id) const {
  if (Result<Done> may = check_may_act(caller, id); !may.ok()) return may.error();
  if (!fits_client_id(id)) return not_found(id);
  const UnixTime now = world_.clock.unix_now();
  return world_.database.store().read([&](const ReadTxn& txn) -> Result<ListedClient> {
    Result<std::optional<Client>> client = table_.find(txn, id);
    if (!client.ok()) return client.error();
    if (!client.value()) return not_found(id);
    const Result<std::int64_t> logins = table_.count_logins(txn, id, now);
    if (!logins.ok()) return logins.error();
    return ListedClient{*std::move(client).value(), logins.value()};
  });
}

Result<Clients::Page> Clients::list(std::int64_t limit, const std::string& cursor) const {
  if (limit < 1 || limit > kPageMax) {
    return invalid("limit", "'limit' must be from 1 to " + std::to_string(kPageMax));
  }
  if (!cursor.empty() && !fits_client_id(cursor)) {
    return invalid("cursor", "'cursor' is not one that List gave");
  }
  Page page;
  const Result<Done> seen = world_.database.store().read([&](const ReadTxn& txn) {
    return table_.for_each_after(txn, cursor, [&](std::string_view, Result<Client> client) {
      if (!client.ok()) return true;
      if (std::ssize(page.clients) == limit) {
        page.next = page.clients.back().id;
        return false;
      }
      page.clients.push_back(std::move(client).value());
      return true;
    });
  });
  if (!seen.ok()) return seen.error();
  return page;
}

// What can be said without the record.
Result<Done> Clients::check(const std::string& id, const ClientChange& change,
                            const WantedKey& key) const {
  Client wanted{.id = id};
  change.apply_to(wanted);
  if (Result<Done> fits = check_client(wanted); !fits.ok()) return fits;
  if (const auto unknown = scope_beyond(wanted.scopes, world_.known_scopes())) {
    return invalid("scopes", "there is no scope '" + *unknown + "'");
  }
  if (wanted.expires && *wanted.expires <= world_.clock.unix_now()) {
    return invalid("expires", "'expires' is over already");
  }
  if (key.is_generated && key.given) {
    return invalid("key", "'key' and 'generate_key' exclude each other");
  }
  if (key.given) {
    if (Result<Done> fits = check_client_key(*key.given); !fits.ok()) return fits;
  }
  return key.is_wanted() ? world_.keys.has_room() : Done{};
}

Result<std::optional<Client>> Clients::find(const std::string& id) const {
  if (!fits_client_id(id)) return std::optional<Client>();
  return world_.database.store().read([&](const ReadTxn& txn) { return table_.find(txn, id); });
}

OperationPtr Clients::hash_then(WantedKey key, const KeyStretch& stretch, ChangeWithKey change,
                                OnChanged callback) {
  auto keyed =
      std::make_unique<KeyedChange>(std::move(key), std::move(change), std::move(callback));
  keyed->start(world_.keys, stretch);
  return keyed;
}

OperationPtr Clients::add(const AccessCaller& caller, const Target& target, Decide decide,
                          OnChanged callback) {
  if (!fits_client_id(target.id)) {
    return answer_later<ChangedClient>(world_.clock, world_.timers, not_found(target.id),
                                       std::move(callback));
  }
  const auto made = [&epoch = world_.epoch, &audit = world_.audit, principal = caller.actor.name,
                     id = target.id](const Made& what) {
    epoch.advance();
    if (!what.event.empty()) audit.of_client(what.event, {principal, id, what.detail});
  };
  const auto answered = [callback = std::move(callback)](Result<Made> what) {
    if (!what.ok()) return callback(std::move(what).error());
    callback(std::move(what).value().changed);
  };
  return add_awaited<Made>(world_.writer, world_.clock, world_.timers,
                           {.decide = Change{table_, history_, caller.actor, target.id,
                                             std::move(decide), world_.clock.unix_now()},
                            .made = made,
                            .callback = answered});
}

}  // namespace tokman
