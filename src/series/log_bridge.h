#pragma once

#include <rocksdb/env.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace energy::series {

/// RocksDB's own log goes where the program's goes, and no LOG files pile up in the data folder.
/// Threads: safe anywhere.
class LogBridge final : public rocksdb::Logger {
 public:
  explicit LogBridge(base::Logger to)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), to_(std::move(to)) {}

  using rocksdb::Logger::Logv;
  [[gnu::format(printf, 2, 0)]] void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  [[gnu::format(printf, 3, 0)]] void Logv(rocksdb::InfoLogLevel level, const char* format,
                                          va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    std::array<char, 1024> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    CountDropped(text.data());
    to_->log(
        level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? spdlog::level::warn : spdlog::level::debug,
        "rocksdb: {}", text.data());
  }
  /// Bytes of write-ahead logs that opening skipped as damaged.
  uint64_t dropped_bytes() const { return dropped_bytes_.load(); }

 private:
  // The only place where RocksDB tells how much of a write-ahead log it skipped.
  void CountDropped(std::string_view text) {
    constexpr std::string_view kMark = ": dropping ";
    const size_t at = text.find(kMark);
    if (at == std::string_view::npos) return;
    dropped_bytes_ += std::strtoull(text.data() + at + kMark.size(), nullptr, 10);
  }

  const base::Logger to_;
  std::atomic<uint64_t> dropped_bytes_ = 0;
};

}  // namespace energy::series
