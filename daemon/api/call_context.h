#pragma once
// One call of one caller, from its parameters to its answer.
//
// It is answered exactly once, at once or later; what is held meanwhile is cancelled if the caller
// goes away. A call marked "more" may get answers that continue before its last one. Refusals are
// written to the audit log here, so that none can be forgotten.
#include <functional>
#include <string>
#include <string_view>

#include "daemon/api/call_identity.h"
#include "daemon/api/services.h"
#include "daemon/domain/access/access_caller.h"
#include "daemon/domain/policy/scope.h"
#include "libtokman/base/fd.h"
#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/message.h"

namespace tokman {

class CallContext;
struct Interface;

// An answer that may be given again while nothing has changed that it depends on.
class KnownAnswer {
 public:
  virtual ~KnownAnswer() = default;
  virtual bool is_good() = 0;
  // Notes what giving it has to leave behind. REQUIRES: is_good().
  virtual std::string_view give(const Caller& caller) = 0;
};

// What a session remembers, to answer the same bytes again without reading them.
struct RepeatableAnswer {
  std::unique_ptr<KnownAnswer> answer;
  std::shared_ptr<const Caller> presented = {};  // None: the peer itself asked.
  std::uint64_t generation = 0;                  // Of the policy that allowed it,
  std::int64_t requests_per_minute = kNoBound;   // and how often.
};

// Where answers go; a session, or a test.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual void on_part(CallContext& context, SecretBytes frame) = 0;
  // The last one. May destroy the context.
  virtual void on_answer(CallContext& context, SecretBytes frame) = 0;
  virtual void on_repeatable(CallContext& context, RepeatableAnswer answer) = 0;
};

class CallContext {
 public:
  struct World {  // REQUIRES: all outlive the context.
    Services& services;
    std::span<const Interface> interfaces;
    const Caller& peer;
    ExclusiveTokens::Holder& holder;
    CallerBudgets::Account& account;  // The peer's.
    AnswerSink& sink;
  };

  // `descriptor` came with the call, if it is valid.
  CallContext(Call call, Fd descriptor, const World& world);
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  Services& services() const { return world_.services; }
  std::span<const Interface> interfaces() const { return world_.interfaces; }
  const Call& call() const { return call_; }  // Its parameters without `auth`.
  CallIdentity& identity() { return identity_; }
  const Caller& caller() const { return identity_.caller(); }
  // Of the process that calls, whoever it is judged as: the tokens of its connection are its own.
  uid_t peer_uid() const { return identity_.peer().subject.facts.uid; }
  bool has_scope(Scope scope) const;
  // What the caller's grants allow it of this scope; without a grant, what anybody may.
  std::int64_t requests_per_minute(Scope scope) const;
  // The caller, for what is about access tokens and clients.
  AccessCaller access_caller() const;
  // Holds the exclusive tokens of this connection.
  ExclusiveTokens::Holder& holder() const { return world_.holder; }
  Fd take_descriptor() { return std::move(descriptor_); }

  // Until call_timeout is over; what takes longer is to be given up.
  std::chrono::milliseconds time_left() const;

  // Each ends the call; *this may be gone afterwards.
  void reply(const json::Value& parameters);
  void reply_frame(std::string_view frame);
  void fail(const Error& error);
  // An error of another interface: org.varlink.service.MethodNotFound.
  void fail_as(std::string_view error_name, const json::Value& parameters);

  // REQUIRES: call().more. The call goes on.
  void reply_part(const json::Value& parameters);

  // Kept until the call is answered.
  void hold(OperationPtr operation) { operation_ = std::move(operation); }
  // What was given, so that the same call may have it again; how often, is filled in here.
  // For a method that needs this scope.
  void remember(std::unique_ptr<KnownAnswer> answer, Scope scope);

 private:
  Actor actor() const;

  Call call_;
  Fd descriptor_;
  World world_;
  CallIdentity identity_;
  Instant deadline_;
  OperationPtr operation_;
};

}  // namespace tokman
