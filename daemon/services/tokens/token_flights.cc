#include "daemon/services/tokens/token_flights.h"

namespace tokman {
namespace {

FetchNews will_go_on(const Error& error) {
  return {.entry = nullptr, .error = error, .goes_on = true};
}

FetchNews is_held(const Error& error, bool goes_on) {
  return {.entry = nullptr, .error = error, .goes_on = goes_on, .is_held = true};
}

}  // namespace

struct TokenFlights::Flight {
  TokenFlight what;
  Waiters<FetchNews> waiters;
  std::unique_ptr<TokenFetch> fetch;
};

TokenFlights::TokenFlights(const TokenFetch::World& world, Events events)
    : world_(world), events_(std::move(events)) {}

TokenFlights::~TokenFlights() = default;

OperationPtr TokenFlights::join(const std::string& key, const TokenOrder& order,
                                Instant wanted_until,
                                std::function<void(const FetchNews&)> callback) {
  Flight& flight = flight_for(key, order, order.priority, wanted_until);
  return flight.waiters.add(std::move(callback));
}

void TokenFlights::start(const std::string& key, const TokenOrder& order, Instant wanted_until) {
  flight_for(key, order, kBackgroundPriority, wanted_until);
}

void TokenFlights::outdate(const std::function<bool(const TokenFlight&)>& is_concerned) {
  for (auto& [key, flight] : flights_) {
    if (flight->fetch->is_at_github() && is_concerned(flight->what)) {
      flight->what.is_outdated = true;
    }
  }
}

void TokenFlights::cancel_all() { flights_.clear(); }

TokenFlights::Flight& TokenFlights::flight_for(const std::string& key, const TokenOrder& order,
                                               int priority, Instant wanted_until) {
  std::unique_ptr<Flight>& flight = flights_[key];
  if (flight) {
    flight->fetch->want(priority, wanted_until);
    return *flight;
  }
  const auto identity = parse_token_key(key);
  flight = std::make_unique<Flight>();
  flight->what = {key, order, identity ? identity->installation_id : 0};
  begin(*flight, priority, wanted_until);
  return *flight;
}

void TokenFlights::begin(Flight& flight, int priority, Instant wanted_until) {
  const std::string& key = flight.what.key;
  const TokenOrder& order = flight.what.order;
  const TokenFetch::Events events{
      .on_held = [&flight](const Error& error) { flight.waiters.answer_all(is_held(error, true)); },
      .on_attempt_failed = [this,
                            &flight](const Error& error) { on_attempt_failed(flight, error); },
      .on_turned_away = [this, key](const Error& error) { on_turned_away(key, error); },
      .on_finished = [this,
                      key](Result<MintedToken> minted) { on_finished(key, std::move(minted)); },
  };
  const MintRequest request{flight.what.installation_id, order.repositories, order.permissions};
  flight.fetch = std::make_unique<TokenFetch>(world_, order.app, request, events);
  flight.fetch->start(priority, wanted_until);
}

void TokenFlights::on_attempt_failed(Flight& flight, const Error& error) {
  flight.what.is_outdated = false;  // The next attempt has not begun yet.
  events_.on_attempt_failed(flight.what, error);
  flight.waiters.answer_all(will_go_on(error));
}

void TokenFlights::on_turned_away(const std::string& key, const Error& error) {
  const std::unique_ptr<Flight> flight = std::move(flights_.extract(key).mapped());
  flight->waiters.answer_all(is_held(error, false));
}

void TokenFlights::on_finished(const std::string& key, Result<MintedToken> minted) {
  const std::unique_ptr<Flight> flight = std::move(flights_.extract(key).mapped());
  const bool is_for_nobody = !flight->what.order.holder.empty() && flight->waiters.empty();
  FetchNews news;
  if (minted.ok() && (flight->what.is_outdated || is_for_nobody)) {
    news.is_discarded = true;
    events_.on_discarded(flight->what, std::move(minted).value());
  } else if (minted.ok()) {
    news.entry = events_.on_minted(flight->what, std::move(minted).value());
  } else {
    news.error = minted.error();
    events_.on_failed(flight->what, news.error);
  }
  flight->waiters.answer_all(news);
}

}  // namespace tokman
