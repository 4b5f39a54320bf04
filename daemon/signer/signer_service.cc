#include "daemon/signer/signer_service.h"

#include <algorithm>

#include "daemon/domain/access/client.h"
#include "daemon/signer/access_jwt.h"
#include "daemon/signer/app_jwt.h"
#include "daemon/signer/webhook_check.h"
#include "libtokman/base/encoding.h"
#include "libtokman/json/object_reader.h"

namespace tokman {
namespace {

constexpr RateBucket::Rate kAppRate{.per_minute = 30, .burst = 10};
// More than the hashing of keys lets through.
constexpr RateBucket::Rate kAccessRate{.per_minute = 3000, .burst = 100};

constexpr std::int64_t kClockOffsetMax = 3600;

Error no_app(const std::string& name) {
  return Error{TOKMAN_E_NOT_FOUND, "no app is named '" + name + "'", "app"};
}

Error no_key(const SigningApp& app, const std::string& fingerprint) {
  const std::string of = "app '" + app.name + "' has no ";
  if (!fingerprint.empty()) {
    return Error{TOKMAN_E_NOT_FOUND, of + "key " + fingerprint, "key_fingerprint"};
  }
  const std::string why = app.keys.empty() ? "none is configured" : app.keys[0].error;
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, of + "usable key: " + why};
}

json::Value key_json(const Kept<RsaKey>& key) {
  json::Value value = json::Value::object();
  if (key.value) value.set("fingerprint", key.value->fingerprint());
  if (!key.error.empty()) value.set("error", key.error);
  return value;
}

json::Value app_json(const SigningApp& app) {
  json::Value keys = json::Value::array();
  for (const Kept<RsaKey>& key : app.keys) keys.append(key_json(key));
  for (const RsaKey& key : app.replaced) {
    keys.append(json::Value::object().set("fingerprint", key.fingerprint()).set("replaced", true));
  }
  return json::Value::object().set("name", app.name).set("keys", keys);
}

// What stands in its JWTs as their issuer.
Result<std::string> issuer_of(const SigningApp& app, std::string_view wanted) {
  if (wanted != "preferred" && wanted != "app_id") {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "issuer must be preferred or app_id", "issuer"};
  }
  if (wanted == "preferred" && !app.client_id.empty()) return app.client_id;
  if (app.app_id != 0) return std::to_string(app.app_id);
  return Error{TOKMAN_E_INVALID_ARGUMENT, "app '" + app.name + "' has no app_id", "issuer"};
}

// In the order of the configuration; those that were never readable are left out, but counted.
struct WebhookSecrets {
  explicit WebhookSecrets(const SigningApp& app) {
    for (std::size_t i = 0; i < app.secrets.size(); ++i) {
      if (!app.secrets[i].value) continue;
      usable.push_back(&*app.secrets[i].value);
      indices.push_back(i);
    }
  }
  std::vector<const SecretBytes*> usable;
  std::vector<std::size_t> indices;
};

Error no_webhook_secret(const SigningApp& app) {
  const std::string of = "app '" + app.name + "' has no ";
  if (app.secrets.empty()) return Error{TOKMAN_E_CONFIGURATION, of + "webhook_secrets"};
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, of + "usable webhook secret: " + app.secrets[0].error};
}

Result<Done> no_parameters(const json::Value& parameters) {
  return json::ObjectReader(parameters).finish();
}

}  // namespace

struct SignerService::Method {
  std::string_view name;
  Result<json::Value> (SignerService::*handle)(const Request& request);
};

const SignerService::Method SignerService::kMethods[] = {
    {"io.tokman.Signer.SignAppJwt", &SignerService::on_sign_app_jwt},
    {"io.tokman.Signer.VerifyWebhook", &SignerService::on_verify_webhook},
    {"io.tokman.Signer.SignAccessJwt", &SignerService::on_sign_access_jwt},
    {"io.tokman.Signer.AccessJwtKeys", &SignerService::on_access_jwt_keys},
    {"io.tokman.Signer.Reload", &SignerService::on_reload},
    {"io.tokman.Signer.Refresh", &SignerService::on_refresh},
    {"io.tokman.Signer.Status", &SignerService::on_status},
    {"io.tokman.Signer.DropReplacedKeys", &SignerService::on_drop_replaced_keys},
};

struct SignerService::Order {
  std::string app;
  std::optional<std::int64_t> clock_offset;
  std::optional<std::string> key_fingerprint;
  std::optional<std::string> issuer;

  Result<Done> read(const json::Value& parameters) {
    json::ObjectReader reader(parameters);
    reader.field("app", app).field("clock_offset_s", clock_offset);
    reader.field("key_fingerprint", key_fingerprint).field("issuer", issuer);
    if (Result<Done> read = reader.finish(); !read.ok()) return read;
    const std::int64_t offset = clock_offset.value_or(0);
    if (offset >= -kClockOffsetMax && offset <= kClockOffsetMax) return Done{};
    return Error{TOKMAN_E_INVALID_ARGUMENT, "the clocks differ by more than an hour",
                 "clock_offset_s"};
  }
};

SignerService::SignerService(const Clock& clock, Log& log, Sources sources)
    : clock_(clock),
      log_(log),
      read_settings_(std::move(sources.read_settings)),
      keys_(log, sources.read_secret, std::move(sources.open_token_key)),
      access_keys_(clock, log, std::move(sources.read_secret)) {}

Result<Done> SignerService::load() {
  const Result<Settings> settings = read_settings_();
  if (!settings.ok()) return settings.error();
  keys_.configure(settings.value().apps);
  std::erase_if(app_turns_, [this](const auto& turns) { return !keys_.find(turns.first); });
  issuer_ = settings.value().access.issuer;
  access_keys_.configure(settings.value().access.jwt_key);
  return Done{};
}

Result<SecretBytes> SignerService::answer(std::string_view frame, std::deque<Fd>& descriptors) {
  const Result<Call> call = parse_call(frame);
  if (!call.ok()) return call.error();
  SecretBytes reply = dispatch(call.value(), descriptors);
  if (call.value().oneway) return SecretBytes();
  return reply;
}

SecretBytes SignerService::dispatch(const Call& call, std::deque<Fd>& descriptors) {
  const auto method = std::find_if(std::begin(kMethods), std::end(kMethods),
                                   [&](const Method& row) { return row.name == call.method; });
  if (method == std::end(kMethods)) {
    return SecretBytes(render_error("org.varlink.service.MethodNotFound",
                                    json::Value::object().set("method", call.method)));
  }
  const Request request{call.parameters, descriptors};
  const Result<json::Value> result = (this->*method->handle)(request);
  if (!result.ok()) return SecretBytes(render_error(result.error()));
  return render_reply(result.value());
}

Result<json::Value> SignerService::on_sign_app_jwt(const Request& request) {
  Order order;
  if (Result<Done> read = order.read(request.parameters); !read.ok()) return read.error();
  const SigningApp* app = keys_.find(order.app);
  if (app == nullptr) return no_app(order.app);
  const std::string fingerprint = order.key_fingerprint.value_or("");
  const RsaKey* key = app->find_key(fingerprint);
  if (key == nullptr) return no_key(*app, fingerprint);
  return sign(*app, *key, order);
}

Result<json::Value> SignerService::sign(const SigningApp& app, const RsaKey& key,
                                        const Order& order) {
  const Result<std::string> issuer = issuer_of(app, order.issuer.value_or("preferred"));
  if (!issuer.ok()) return issuer.error();
  Result<Done> turn = take_turn(app_turns_[app.name], kAppRate, "app '" + app.name + "'");
  if (!turn.ok()) return turn.error();
  const auto now = clock_.unix_now() + std::chrono::seconds(order.clock_offset.value_or(0));
  const Result<SignedAppJwt> jwt = sign_app_jwt(issuer.value(), key, now);
  if (!jwt.ok()) return jwt.error();
  log_.debug("jwt signed", {{"app", app.name}, {"fingerprint", key.fingerprint()}});
  return json::Value::object()
      .set("jwt", json::Value::of(jwt.value().text.reveal()))
      .set("expires_at", std::int64_t{jwt.value().expires_at.time_since_epoch().count()})
      .set("key_fingerprint", key.fingerprint());
}

Result<json::Value> SignerService::on_verify_webhook(const Request& request) {
  Fd body;
  if (!request.descriptors.empty()) {
    body = std::move(request.descriptors.front());
    request.descriptors.pop_front();
  }
  std::string name, signature;
  json::ObjectReader reader(request.parameters);
  Result<Done> read = reader.field("app", name).field("signature", signature).finish();
  if (!read.ok()) return read.error();
  const SigningApp* app = keys_.find(name);
  if (app == nullptr) return no_app(name);
  const WebhookSecrets secrets(*app);
  if (secrets.usable.empty()) return no_webhook_secret(*app);
  const auto found = find_signing_secret(secrets.usable, signature, body.get());
  if (!found.ok()) return found.error();
  json::Value verdict = json::Value::object().set("valid", found.value().has_value());
  if (!found.value()) return verdict;
  return verdict.set("secret_index", static_cast<std::int64_t>(secrets.indices[*found.value()]));
}

Result<json::Value> SignerService::on_sign_access_jwt(const Request& request) {
  JwtClaims claims{.issuer = issuer_};
  std::vector<std::string> scopes;
  json::ObjectReader reader(request.parameters);
  reader.field("client_id", claims.client_id).field("jti", claims.jti).field("scopes", scopes);
  reader.field("max_priority", claims.max_priority);
  if (Result<Done> read = reader.finish(); !read.ok()) return read.error();
  if (!fits_client_id(claims.client_id)) {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "'client_id' is none", "client_id"};
  }
  const Result<const AccessKey*> key = access_keys_.current();
  if (!key.ok()) return key.error();
  Result<Done> turn = take_turn(access_turns_, kAccessRate, "clients");
  if (!turn.ok()) return turn.error();
  claims.scopes = {scopes.begin(), scopes.end()};
  claims.issued_at = clock_.unix_now();
  claims.expires_at = claims.issued_at + kAccessJwtLifetime;
  const Result<SecretBytes> jwt = sign_access_jwt(claims, *key.value());
  if (!jwt.ok()) return jwt.error();
  return json::Value::object()
      .set("jwt", json::Value::of(jwt.value().reveal()))
      .set("expires_at", std::int64_t{claims.expires_at.time_since_epoch().count()});
}

Result<json::Value> SignerService::on_access_jwt_keys(const Request& request) {
  if (Result<Done> read = no_parameters(request.parameters); !read.ok()) return read.error();
  json::Value keys = json::Value::array();
  for (const PublicAccessKey& key : access_keys_.public_keys()) {
    keys.append(json::Value::object().set("kid", key.kid).set("x", base64url(key.bytes)));
  }
  return json::Value::object().set("keys", keys);
}

Result<json::Value> SignerService::on_reload(const Request& request) {
  if (Result<Done> read = no_parameters(request.parameters); !read.ok()) return read.error();
  if (Result<Done> loaded = load(); !loaded.ok()) {
    log_.error("reload failed", {{"error", loaded.error().message}});
    return loaded.error();
  }
  return json::Value::object();
}

Result<json::Value> SignerService::on_refresh(const Request& request) {
  if (Result<Done> read = no_parameters(request.parameters); !read.ok()) return read.error();
  keys_.refresh();
  access_keys_.refresh();
  return on_status(request);
}

Result<json::Value> SignerService::on_status(const Request& request) {
  if (Result<Done> read = no_parameters(request.parameters); !read.ok()) return read.error();
  json::Value apps = json::Value::array();
  for (const SigningApp& app : keys_.apps()) apps.append(app_json(app));
  return json::Value::object().set("apps", apps);
}

Result<json::Value> SignerService::on_drop_replaced_keys(const Request& request) {
  std::string app;
  Result<Done> read = json::ObjectReader(request.parameters).field("app", app).finish();
  if (!read.ok()) return read.error();
  keys_.drop_replaced_keys(app);
  return json::Value::object();
}

Result<Done> SignerService::take_turn(RateBucket& bucket, RateBucket::Rate rate,
                                      const std::string& what) {
  const Instant now = clock_.now();
  if (const Instant next = bucket.next_at(rate, now); next > now) {
    Error error{TOKMAN_E_RATE_LIMITED, "too many signatures for " + what};
    error.retry_after = next - now;
    return error;
  }
  bucket.take(rate, now);
  return Done{};
}

}  // namespace tokman
