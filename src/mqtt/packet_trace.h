#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mqtt/packets.h"

namespace energy::mqtt {

/// "PUBLISH"
std::string_view PacketTypeName(PacketType type);

/// One packet of a traced client.
struct TracedPacket {
  base::Timestamp time{};
  bool received = false;  ///< from the client; else sent to it
  PacketType type{};
  uint16_t packet_id = 0;  ///< 0: it has none
  std::string topic;       ///< of PUBLISH; the filters of SUBSCRIBE and UNSUBSCRIBE
  uint8_t qos = 0;         ///< of PUBLISH
  bool retain = false;
  bool dup = false;
  size_t bytes = 0;                    ///< of the whole packet
  std::optional<std::string> payload;  ///< the first 1,024 bytes, when asked for
};

/// The last packets of one client. Threads: safe anywhere. Memory: kMaxPackets packets.
class PacketTrace {
 public:
  static constexpr size_t kMaxPackets = 1000;
  static constexpr size_t kMaxPayloadBytes = 1024;

  PacketTrace(const base::Clock& clock, std::chrono::seconds duration, bool with_payload)
      : clock_(clock),
        started_at_(clock.Now()),
        ends_at_((started_at_ + duration).time_since_epoch()),
        with_payload_(with_payload) {}

  /// A whole packet. Nothing is noted once the time is over.
  void Add(bool received, std::string_view packet, Version version);

  void Stop() { ends_at_.store(std::min(ends_at_.load(), clock_.Now().time_since_epoch())); }
  bool over() const { return clock_.Now() >= ends_at(); }
  base::Timestamp started_at() const { return started_at_; }
  base::Timestamp ends_at() const { return base::Timestamp(ends_at_.load()); }
  bool with_payload() const { return with_payload_; }
  /// Oldest first; `forgotten`: how many older ones made room for them.
  std::vector<TracedPacket> packets(uint64_t& forgotten) const;

 private:
  TracedPacket Describe(const Frame& frame, Version version) const;

  const base::Clock& clock_;
  const base::Timestamp started_at_;
  std::atomic<base::Timestamp::duration> ends_at_;  // since the epoch
  const bool with_payload_;
  mutable std::mutex mutex_;
  std::deque<TracedPacket> packets_;  // guarded by mutex_
  uint64_t forgotten_ = 0;            // guarded by mutex_
};

using PacketTracePtr = std::shared_ptr<PacketTrace>;

/// Which clients are traced. A trace can be read until another one needs its place.
/// Threads: safe anywhere. Cost: connections look here when they begin, and only if there is one.
class PacketTraces {
 public:
  static constexpr size_t kMaxTraces = 16;

  /// Nothing when kMaxTraces clients are being traced.
  PacketTracePtr Start(const std::string& client_id, const base::Clock& clock,
                       std::chrono::seconds duration, bool with_payload);
  PacketTracePtr Find(std::string_view client_id) const;
  bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, PacketTracePtr, std::less<>> traces_;  // guarded by mutex_
  std::atomic<size_t> count_{0};
};

}  // namespace energy::mqtt
