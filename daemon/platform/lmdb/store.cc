#include "daemon/platform/lmdb/store.h"

#include <lmdb.h>
#include <sys/mman.h>

#include <mutex>

namespace tokman {
namespace {

// A page fault maps 64 KiB around the page, so this many reads map 4 MiB at most.
constexpr int kReadsPerRelease = 64;
constexpr std::size_t kGrowth = 2;

Error is_closed() { return Error{TOKMAN_E_STORE, "the store is closed until the next start"}; }

}  // namespace

Result<Done> Store::write(const WriteBody& body) {
  Result<Attempt> attempt = write_once(body);
  while (attempt.ok() && attempt.value() == Attempt::map_was_full) {
    if (Result<Done> grown = grow(); !grown.ok()) return grown;
    attempt = write_once(body);
  }
  release_pages();
  if (!attempt.ok()) return attempt.error();
  return Done{};
}

Result<Store::Attempt> Store::write_once(const WriteBody& body) {
  const std::shared_lock no_remapping(mapping_);
  const Result<MDB_txn*> raw = begin(Access::write);
  if (!raw.ok()) return raw.error();
  WriteTxn txn(raw.value());
  Result<Done> done = body(txn);
  if (done.ok()) done = txn.commit();
  if (txn.map_was_full()) return Attempt::map_was_full;
  if (!done.ok()) return done.error();
  return Attempt::committed;
}

Result<MDB_txn*> Store::begin(Access access) {
  if (!environment_) return is_closed();
  MDB_txn* raw = nullptr;
  const unsigned flags = access == Access::read ? MDB_RDONLY : 0;
  const int status = mdb_txn_begin(environment_.get(), nullptr, flags, &raw);
  if (status != 0) return lmdb_error("opening a transaction", status);
  return raw;
}

Result<Done> Store::copy_to(const Fd& file) {
  if (Result<Done> made = make_room(); !made.ok()) return made;
  int status = 0;
  {
    const std::shared_lock no_remapping(mapping_);
    if (!environment_) return is_closed();
    status = mdb_env_copyfd2(environment_.get(), file.get(), MDB_CP_COMPACT);
  }
  release_pages();
  if (status != 0) return lmdb_error("copying the store", status);
  return Done{};
}

// So that the map need not grow while the copy is being made, which keeps it where it is.
Result<Done> Store::make_room() {
  const std::unique_lock alone(mapping_);
  if (!environment_) return is_closed();
  const Result<std::size_t> used = file_bytes_needed(environment_);
  if (!used.ok()) return used.error();
  MDB_envinfo facts = {};
  if (const int status = mdb_env_info(environment_.get(), &facts); status != 0) {
    return lmdb_error("measuring the map", status);
  }
  return used.value() * kGrowth > facts.me_mapsize ? remap_larger() : Done{};
}

// Also while others use them: a page that is needed comes back out of the kernel's cache.
void Store::release_pages() {
  const std::shared_lock no_remapping(mapping_);
  if (!map_.empty()) (void)madvise(map_.data(), map_.size(), MADV_DONTNEED);
}

Result<Done> Store::grow() {
  release_pages();  // Beforehand: nobody waits for it then.
  const std::unique_lock alone(mapping_);
  return remap_larger();
}

Result<Done> Store::remap_larger() {
  if (!environment_) return Done{};
  MDB_envinfo facts = {};
  int status = mdb_env_info(environment_.get(), &facts);
  if (status == 0) status = mdb_env_set_mapsize(environment_.get(), facts.me_mapsize * kGrowth);
  if (status != 0) {
    environment_.reset();  // LMDB has no map now, and would crash in the next transaction.
    map_ = {};
    return lmdb_error("mapping the store", status);
  }
  map_ = find_map(environment_);
  return Done{};
}

void Store::note_read() {
  if (++reads_since_release_ < kReadsPerRelease) return;
  reads_since_release_ = 0;
  release_pages();
}

}  // namespace tokman
