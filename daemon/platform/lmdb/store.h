#pragma once
// One LMDB environment: read it, write it, and do not think about the size of its map.
//
// Any thread may read or write; writes take turns. A read sees the state that the last commit
// before it left. The file is mapped, and mapped pages count as this process's memory although
// they are the kernel's cache; so they are given back now and then, which costs a few
// microseconds, loses nothing, and keeps no one waiting.
#include <atomic>
#include <cstddef>
#include <functional>
#include <shared_mutex>
#include <span>
#include <type_traits>
#include <utility>

#include "daemon/platform/lmdb/environment.h"
#include "daemon/platform/lmdb/transaction.h"

namespace tokman {

class Store {
 public:
  // REQUIRES: no other Store has this environment.
  explicit Store(EnvironmentPtr environment)
      : environment_(std::move(environment)), map_(find_map(environment_)) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Gives what body(const ReadTxn&) -> Result<T> gives. Views from the transaction end with body.
  template <class Body>
  auto read(Body&& body) -> std::invoke_result_t<Body, const ReadTxn&> {
    auto result = read_once(std::forward<Body>(body));
    note_read();
    return result;
  }

  using WriteBody = std::function<Result<Done>(WriteTxn&)>;

  // Commits if body succeeds; else nothing has happened. If the map is full it grows and body runs
  // AGAIN: body must have no effect but on the transaction.
  Result<Done> write(const WriteBody& body);

  // Writes a copy, without what is free, as the last commit left the store. Takes as long as the
  // disk does; meanwhile others read and write. A store that doubles meanwhile waits for the end.
  Result<Done> copy_to(const Fd& file);

 private:
  template <class Body>
  auto read_once(Body&& body) -> std::invoke_result_t<Body, const ReadTxn&> {
    const std::shared_lock no_remapping(mapping_);
    const Result<MDB_txn*> raw = begin(Access::read);
    if (!raw.ok()) return raw.error();
    return std::forward<Body>(body)(ReadTxn(raw.value()));
  }

  enum class Access { read, write };
  enum class Attempt { committed, map_was_full };
  Result<MDB_txn*> begin(Access access);
  Result<Attempt> write_once(const WriteBody& body);
  Result<Done> grow();
  Result<Done> make_room();
  Result<Done> remap_larger();  // REQUIRES: mapping_ is held alone.
  void release_pages();
  void note_read();

  EnvironmentPtr environment_;
  std::span<std::byte> map_;
  std::shared_mutex mapping_;  // Shared by transactions: the map must not move under one.
  std::atomic<int> reads_since_release_ = 0;
};

}  // namespace tokman
