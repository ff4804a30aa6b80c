#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "base/status.h"
#include "sqlquery/check.h"
#include "sqlquery/table.h"

namespace energy::sqlquery {

/// Hands blocks from the thread that reads the store to the one that sends them. Bounded: the
/// reader is one block ahead at the most. Threads: one puts, one takes.
class BlockQueue {
 public:
  /// False when nobody takes any more.
  bool Put(Block block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || blocks_.size() < kMost; });
    if (closed_) return false;
    blocks_.push_back(std::move(block));
    changed_.notify_all();
    return true;
  }
  /// No block follows.
  void End(base::Status status) {
    const std::lock_guard lock(mutex_);
    end_ = std::move(status);
    changed_.notify_all();
  }
  /// The next block; one without rows at the end. Errors: those of the end and of `check`.
  base::Result<Block> Take(const Check& check) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kCheckInterval,
                              [&] { return end_.has_value() || !blocks_.empty(); })) {
      if (check) ENERGY_RETURN_IF_ERROR(check());
    }
    if (!blocks_.empty()) {
      Block block = std::move(blocks_.front());
      blocks_.pop_front();
      changed_.notify_all();
      return block;
    }
    if (!end_->ok()) return *end_;
    return Block();
  }
  bool closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  /// Takes no more.
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  // The other slots of a room: the block in use, the one sent ahead and the one being written.
  static constexpr size_t kMost = kRoomSlots - 3;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> blocks_;         // guarded by mutex_
  std::optional<base::Status> end_;  // guarded by mutex_
  bool closed_ = false;              // guarded by mutex_
};

}  // namespace energy::sqlquery
