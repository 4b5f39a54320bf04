// io.tokman.Daemon: the store's keys, and copies of it.
#include "daemon/api/call_context.h"
#include "daemon/api/methods/methods.h"

namespace tokman {
namespace {

// Acts on the whole store: the audit log names who did.
bool begins(CallContext& context) {
  json::ObjectReader reader(context.call().parameters);
  if (Result<Done> read = reader.finish(); !read.ok()) {
    context.fail(read.error());
    return false;
  }
  context.services().audit.acted(context.caller().principal, context.call().method);
  return true;
}

json::Value rotation_json(DataKeys::Number key, bool started) {
  return json::Value::object().set("key_id", std::int64_t{key}).set("started", started);
}

}  // namespace

void handle_rotate_store_key(CallContext& context) {
  if (!begins(context)) return;
  StoreKeyRotation& rotation = context.services().store_keys;
  const StoreKeyRotation::Progress progress = rotation.progress();
  if (progress.is_resealing) return context.reply(rotation_json(progress.key, false));
  context.hold(rotation.rotate([&context](const Result<DataKeys::Number>& key) {
    if (!key.ok()) return context.fail(key.error());
    context.reply(rotation_json(key.value(), true));
  }));
}

void handle_backup(CallContext& context) {
  Fd file = context.take_descriptor();
  if (!begins(context)) return;
  Result<OperationPtr> started = context.services().backup.start(
      std::move(file), [&context](const Result<std::int64_t>& bytes) {
        if (!bytes.ok()) return context.fail(bytes.error());
        context.reply(json::Value::object().set("bytes", bytes.value()));
      });
  if (!started.ok()) return context.fail(started.error());
  context.hold(std::move(started).value());
}

}  // namespace tokman
