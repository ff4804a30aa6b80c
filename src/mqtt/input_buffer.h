#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace energy::mqtt {

/// What a connection keeps of its input between reads: nothing while packets arrive whole. Reads go
/// into a buffer that all connections of a thread share; only the start of an incomplete packet is
/// copied here. A long packet is collected here directly, in memory that grows with what really
/// arrived, so that announcing a megabyte costs nobody a megabyte.
class InputBuffer {
 public:
  /// Where the next read goes. `shared` must be larger than kSmall.
  std::span<char> Prepare(std::span<char> shared) {
    direct_ = size_ > kSmall;
    if (direct_) {
      if (size_ == capacity_) Reserve(std::min(std::max(expected_, size_ + 1), size_ * 2));
      return {kept_.get() + size_, capacity_ - size_};
    }
    if (size_ > 0) std::memcpy(shared.data(), kept_.get(), size_);
    base_ = shared.data();
    return shared.subspan(size_);
  }

  /// Everything that is there after a read of `count` bytes into Prepare's span. Valid until the
  /// next call of Keep.
  std::string_view Commit(size_t count) {
    if (!direct_) return {base_, size_ + count};
    size_ += count;
    return {kept_.get(), size_};
  }

  /// Keeps `rest`, the end of what Commit or Kept gave. `expected`: size of the packet it begins, 0
  /// when unknown.
  void Keep(std::string_view rest, size_t expected) {
    expected_ = expected;
    if (rest.empty()) {
      kept_.reset();
      size_ = capacity_ = 0;
      return;
    }
    // Memory that a long packet needed is given back once only a little is left to keep.
    const bool wasteful = capacity_ > 1024 && capacity_ / 4 > rest.size();
    if (wasteful || rest.size() > capacity_) {
      const size_t capacity = (rest.size() + 255) / 256 * 256;
      auto fresh = std::make_unique_for_overwrite<char[]>(capacity);
      std::memcpy(fresh.get(), rest.data(), rest.size());
      kept_ = std::move(fresh);
      capacity_ = capacity;
    } else if (rest.data() != kept_.get()) {
      std::memmove(kept_.get(), rest.data(), rest.size());
    }
    size_ = rest.size();
  }

  std::string_view Kept() const { return {kept_.get(), size_}; }
  size_t memory() const { return capacity_; }

 private:
  static constexpr size_t kSmall = 16 << 10;

  void Reserve(size_t capacity) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), kept_.get(), size_);
    kept_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> kept_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t expected_ = 0;
  char* base_ = nullptr;
  bool direct_ = false;
};

}  // namespace energy::mqtt
