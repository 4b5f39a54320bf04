#include "daemon/signer/app_keys.h"

#include <algorithm>

namespace tokman {
namespace {

bool is_in_token(const std::string& location) { return location.starts_with("pkcs11:"); }

// Without the line end that editors and `echo` leave, which GitHub was never told of.
Result<SecretBytes> read_webhook_secret(const std::string& location,
                                        const AppKeys::SecretReader& read_secret) {
  const Result<SecretBytes> secret = read_secret(location);
  if (!secret.ok()) return secret.error();
  std::string_view text = secret.value().reveal();
  for (const char end : {'\n', '\r'}) {
    if (text.ends_with(end)) text.remove_suffix(1);
  }
  if (text.empty()) return Error{TOKMAN_E_CONFIGURATION, location + ": is empty"};
  return SecretBytes(text);
}

// The value that the same place had before, or an empty one.
template <class Secret>
Kept<Secret> take_from(std::vector<Kept<Secret>>* old, const std::string& location) {
  if (old == nullptr) return {location, std::nullopt};
  const auto found = std::find_if(old->begin(), old->end(), [&](const Kept<Secret>& kept) {
    return kept.location == location;
  });
  if (found == old->end()) return {location, std::nullopt};
  Kept<Secret> taken = std::move(*found);
  old->erase(found);
  return taken;
}

void keep_replaced(SigningApp& app, std::optional<RsaKey> key) {
  if (!key) return;
  app.replaced.push_back(std::move(*key));
  if (app.replaced.size() > SigningApp::kReplacedMax) app.replaced.erase(app.replaced.begin());
}

bool is_configured(const SigningApp& app, const RsaKey& key) {
  return std::any_of(app.keys.begin(), app.keys.end(), [&](const Kept<RsaKey>& kept) {
    return kept.value && kept.value->fingerprint() == key.fingerprint();
  });
}

}  // namespace

const RsaKey* SigningApp::find_key(std::string_view fingerprint) const {
  const auto fits = [&](const RsaKey& key) {
    return fingerprint.empty() || key.fingerprint() == fingerprint;
  };
  for (const Kept<RsaKey>& kept : keys) {
    if (kept.value && fits(*kept.value)) return &*kept.value;
  }
  for (const RsaKey& key : replaced) {
    if (fits(key)) return &key;
  }
  return nullptr;
}

void AppKeys::configure(const std::vector<AppConfig>& apps) {
  std::vector<SigningApp> taken;
  for (const AppConfig& app : apps) taken.push_back(take_over(app));
  apps_ = std::move(taken);
  refresh();
}

SigningApp AppKeys::take_over(const AppConfig& config) {
  const auto found = std::find_if(apps_.begin(), apps_.end(),
                                  [&](const SigningApp& app) { return app.name == config.name; });
  SigningApp* old = found == apps_.end() ? nullptr : &*found;
  SigningApp app{config.name, config.app_id, config.client_id, {}, {}, {}};
  if (old != nullptr) app.replaced = std::move(old->replaced);
  for (const std::string& location : config.private_keys) {
    app.keys.push_back(take_from(old != nullptr ? &old->keys : nullptr, location));
  }
  for (const std::string& location : config.webhook_secrets) {
    app.secrets.push_back(take_from(old != nullptr ? &old->secrets : nullptr, location));
  }
  if (old == nullptr) return app;
  for (Kept<RsaKey>& left : old->keys) keep_replaced(app, std::move(left.value));
  return app;
}

void AppKeys::refresh() {
  for (SigningApp& app : apps_) {
    refresh_keys(app);
    refresh_secrets(app);
  }
}

void AppKeys::refresh_keys(SigningApp& app) {
  for (Kept<RsaKey>& kept : app.keys) {
    if (kept.value && is_in_token(kept.location)) continue;
    Result<RsaKey> read = read_key(kept.location);
    if (!read.ok()) {
      note_error(app, "key unusable", kept, read.error());
      continue;
    }
    kept.error.clear();
    if (kept.value && kept.value->fingerprint() == read.value().fingerprint()) continue;
    keep_replaced(app, std::exchange(kept.value, std::move(read).value()));
    log_.info("key loaded", {{"app", app.name}, {"fingerprint", kept.value->fingerprint()}});
  }
  std::erase_if(app.replaced, [&](const RsaKey& key) { return is_configured(app, key); });
}

Result<RsaKey> AppKeys::read_key(const std::string& location) const {
  if (is_in_token(location)) return open_token_key_(location);
  const Result<SecretBytes> pem = read_secret_(location);
  if (!pem.ok()) return pem.error();
  Result<RsaKey> key = RsaKey::load(pem.value());
  if (!key.ok()) return within(location, key.error());
  return key;
}

void AppKeys::refresh_secrets(SigningApp& app) {
  for (Kept<SecretBytes>& kept : app.secrets) {
    Result<SecretBytes> read = read_webhook_secret(kept.location, read_secret_);
    if (!read.ok()) {
      note_error(app, "webhook secret unusable", kept, read.error());
      continue;
    }
    kept.error.clear();
    kept.value = std::move(read).value();
  }
}

// Once for each thing that goes wrong, not each time it is looked at.
template <class Secret>
void AppKeys::note_error(const SigningApp& app, std::string_view event, Kept<Secret>& kept,
                         const Error& error) {
  if (kept.error == error.message) return;
  kept.error = error.message;
  log_.warning(
      event,
      {{"app", app.name}, {"error", kept.error}, {"last_value_kept", kept.value ? "yes" : "no"}});
}

void AppKeys::drop_replaced_keys(std::string_view app) {
  for (SigningApp& signing : apps_) {
    if (signing.name == app) signing.replaced.clear();
  }
}

const SigningApp* AppKeys::find(std::string_view name) const {
  for (const SigningApp& app : apps_) {
    if (app.name == name) return &app;
  }
  return nullptr;
}

}  // namespace tokman
