#include "daemon/signer/signer_service.h"

#include <algorithm>

#include "daemon/signer/app_jwt.h"
#include "libtokman/json/object_reader.h"

namespace tokman {
namespace {

constexpr RateLimit::Rate kSigningRate{.interval = std::chrono::seconds(2), .burst = 10};

Error no_usable_key(const SigningApp& app) {
  const std::string why = app.keys.empty() ? "none is configured" : app.keys[0].error().message;
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, "app '" + app.name + "' has no usable key: " + why};
}

json::Value key_json(const AppKey& key) {
  json::Value value = json::Value::object();
  if (key.ok()) return value.set("fingerprint", key.value().fingerprint());
  return value.set("error", key.error().message);
}

json::Value app_json(const SigningApp& app) {
  json::Value keys = json::Value::array();
  for (const AppKey& key : app.keys) keys.append(key_json(key));
  return json::Value::object().set("name", app.name).set("keys", keys);
}

Result<Done> no_parameters(const json::Value& parameters) {
  return json::ObjectReader(parameters).finish();
}

}  // namespace

struct SignerService::Method {
  std::string_view name;
  Result<json::Value> (SignerService::*handle)(const json::Value& parameters);
};

const SignerService::Method SignerService::kMethods[] = {
    {"io.tokman.Signer.SignAppJwt", &SignerService::on_sign_app_jwt},
    {"io.tokman.Signer.Reload", &SignerService::on_reload},
    {"io.tokman.Signer.Status", &SignerService::on_status},
};

SignerService::SignerService(const Clock& clock, Log& log, Loader load)
    : clock_(clock), log_(log), load_(std::move(load)) {}

Result<Done> SignerService::load() {
  Result<std::vector<SigningApp>> loaded = load_();
  if (!loaded.ok()) return loaded.error();
  apps_ = std::move(loaded).value();
  std::erase_if(limits_, [this](const auto& limit) { return find_app(limit.first) == nullptr; });
  for (const SigningApp& app : apps_) {
    for (const AppKey& key : app.keys) {
      if (key.ok()) {
        log_.info("key loaded", {{"app", app.name}, {"fingerprint", key.value().fingerprint()}});
      } else {
        log_.warning("key unusable", {{"app", app.name}, {"error", key.error().message}});
      }
    }
  }
  return Done{};
}

Result<SecretBytes> SignerService::answer(std::string_view frame) {
  const Result<Call> call = parse_call(frame);
  if (!call.ok()) return call.error();
  SecretBytes reply = dispatch(call.value());
  if (call.value().oneway) return SecretBytes();
  return reply;
}

SecretBytes SignerService::dispatch(const Call& call) {
  const auto method = std::find_if(std::begin(kMethods), std::end(kMethods),
                                   [&](const Method& row) { return row.name == call.method; });
  if (method == std::end(kMethods)) {
    return SecretBytes(render_error("org.varlink.service.MethodNotFound",
                                    json::Value::object().set("method", call.method)));
  }
  const Result<json::Value> result = (this->*method->handle)(call.parameters);
  if (!result.ok()) return SecretBytes(render_error(result.error()));
  return render_reply(result.value());
}

Result<json::Value> SignerService::on_sign_app_jwt(const json::Value& parameters) {
  std::string name;
  if (Result<Done> read = json::ObjectReader(parameters).field("app", name).finish(); !read.ok()) {
    return read.error();
  }
  const SigningApp* app = find_app(name);
  if (app == nullptr) {
    return Error{TOKMAN_E_NOT_FOUND, "no app is named '" + name + "'", "app"};
  }
  const RsaKey* key = app->first_usable_key();
  if (key == nullptr) return no_usable_key(*app);
  if (Result<Done> turn = take_turn(name); !turn.ok()) return turn.error();
  const Result<SignedAppJwt> jwt = sign_app_jwt(app->issuer, *key, clock_.unix_now());
  if (!jwt.ok()) return jwt.error();
  log_.debug("jwt signed", {{"app", name}, {"fingerprint", key->fingerprint()}});
  return json::Value::object()
      .set("jwt", json::Value::of(jwt.value().text.reveal()))
      .set("expires_at", std::int64_t{jwt.value().expires_at.time_since_epoch().count()})
      .set("key_fingerprint", key->fingerprint());
}

Result<json::Value> SignerService::on_reload(const json::Value& parameters) {
  if (Result<Done> read = no_parameters(parameters); !read.ok()) return read.error();
  if (Result<Done> loaded = load(); !loaded.ok()) {
    log_.error("reload failed", {{"error", loaded.error().message}});
    return loaded.error();
  }
  return json::Value::object();
}

Result<json::Value> SignerService::on_status(const json::Value& parameters) {
  if (Result<Done> read = no_parameters(parameters); !read.ok()) return read.error();
  json::Value apps = json::Value::array();
  for (const SigningApp& app : apps_) apps.append(app_json(app));
  return json::Value::object().set("apps", apps);
}

Result<Done> SignerService::take_turn(const std::string& app) {
  RateLimit& limit = limits_.try_emplace(app, kSigningRate).first->second;
  const auto wait = limit.take(clock_.now());
  if (!wait) return Done{};
  Error error{TOKMAN_E_RATE_LIMITED, "too many signatures for app '" + app + "'"};
  error.retry_after = *wait;
  return error;
}

const SigningApp* SignerService::find_app(std::string_view name) const {
  for (const SigningApp& app : apps_) {
    if (app.name == name) return &app;
  }
  return nullptr;
}

}  // namespace tokman
