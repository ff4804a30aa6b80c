#pragma once

#include <cstdint>
#include <vector>

#include "mqtt/hooks.h"

namespace energy::mqtt {

/// The QoS 1 publishes of one connection that are not acknowledged yet, in the order they came.
/// Completions may come in any order; they leave in the order of the publishes [MQTT-4.6.0-2].
///
/// Threads: not safe. Cost: constant, no allocation once the ring has grown to the client's window.
class AckWindow {
 public:
  /// Remembers a publish. Returns the sequence number that Complete takes.
  uint32_t Push(uint16_t packet_id) {
    if (size() == ring_.size()) Grow();
    At(tail_) = {packet_id, 1, PublishResult::kSuccess};
    return tail_++;
  }

  /// The publish is to be completed once more before it counts: two parties work on it.
  void AddPart(uint32_t sequence) { ++At(sequence).open; }

  /// False when the publish is unknown, was completed before, or another part of it is open.
  bool Complete(uint32_t sequence, PublishResult result) {
    if (sequence - head_ >= size()) return false;
    Entry& entry = At(sequence);
    if (entry.open == 0) return false;
    if (entry.result == PublishResult::kSuccess) entry.result = result;
    return --entry.open == 0;
  }

  /// Takes the oldest publish out if it is completed.
  bool Pop(uint16_t& packet_id, PublishResult& result) {
    if (empty() || At(head_).open > 0) return false;
    packet_id = At(head_).packet_id;
    result = At(head_).result;
    ++head_;
    if (empty() && ring_.size() > kKeptEntries) ring_ = {};
    return true;
  }

  uint32_t size() const { return tail_ - head_; }
  bool empty() const { return head_ == tail_; }

 private:
  struct Entry {
    uint16_t packet_id = 0;
    uint8_t open = 1;
    PublishResult result{};
  };
  static constexpr size_t kKeptEntries = 4096;

  Entry& At(uint32_t sequence) { return ring_[sequence & (ring_.size() - 1)]; }

  void Grow() {
    std::vector<Entry> larger(ring_.empty() ? 8 : ring_.size() * 2);
    for (uint32_t i = head_; i != tail_; ++i) larger[i & (larger.size() - 1)] = At(i);
    ring_ = std::move(larger);
  }

  std::vector<Entry> ring_;  // a power of two entries; sequence numbers wrap around with it
  uint32_t head_ = 0;
  uint32_t tail_ = 0;
};

}  // namespace energy::mqtt
