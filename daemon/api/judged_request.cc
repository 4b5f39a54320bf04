#include "daemon/api/judged_request.h"

namespace tokman {
namespace {

AppChoice::Question question_about(const LiveConfig& live, const TokenRequest& request,
                                   const std::vector<Permit>& permits) {
  AppChoice::Question question;
  for (const Permit& permit : permits) {
    question.apps.push_back(*live.config().find_app(permit.app));  // A grant's apps exist.
  }
  question.target.owner = request.owner;
  if (!request.repositories.empty()) question.target.repository = request.repositories.front();
  return question;
}

void on_chosen(CallContext& context, TokenRequest request, const AppChoice::Chosen& app,
               OnJudged next) {
  if (!app.ok()) return next(context, request, app.error());
  if (const auto judged = context.identity().judge_again(); !judged.ok()) {
    return context.fail(judged.error());
  }
  request.app = app.value();
  judge_request(context, request, next);
}

void choose(CallContext& context, const TokenRequest& request, const AppChoice::Question& question,
            OnJudged next) {
  AppChoice& choice = context.services().app_choice;
  if (const auto known = choice.find(question)) return on_chosen(context, request, *known, next);
  const Instant deadline = context.services().clock.now() + context.time_left();
  context.hold(
      choice.choose(question, deadline, [&context, request, next](const AppChoice::Chosen& app) {
        on_chosen(context, request, app, next);
      }));
}

}  // namespace

void judge_request(CallContext& context, const TokenRequest& request, OnJudged next) {
  const LiveConfig& live = context.services().live;
  const auto permits = live.policy().permits(context.caller().subject, request);
  if (!permits.ok()) return next(context, request, permits.error());
  if (permits.value().size() == 1) return next(context, request, permits.value().front());
  choose(context, request, question_about(live, request, permits.value()), next);
}

const AppConfig& app_of(const CallContext& context, const Permit& permit) {
  return *context.services().live.config().find_app(permit.app);
}

TokenOrder make_order(const CallContext& context, const TokenRequest& request,
                      const Permit& permit) {
  TokenOrder order;
  order.app = app_of(context, permit);
  order.owner = request.owner;
  order.repositories = request.repositories;
  order.permissions = permit.permissions;
  order.life.is_asked = request.min_lifetime.has_value();
  order.life.min_lifetime = request.min_lifetime.value_or(
      std::chrono::duration_cast<std::chrono::seconds>(order.app.default_min_lifetime));
  order.timeout = context.time_left();
  const Policy& policy = context.services().live.policy();
  order.priority = request.priority;
  order.principal = context.caller().account;
  if (const auto limits = policy.limits_of(context.caller().subject, Scope::github_token)) {
    order.mints_per_minute = limits->mints_per_minute;
  }
  return order;
}

}  // namespace tokman
