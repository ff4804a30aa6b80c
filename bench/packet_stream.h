#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace energy::bench {

/// The value members of telemetry payloads (LLD §6.2), equally long and prepared once, so that a
/// packet costs the load generator one copy. Shared by all streams.
class PayloadTails {
 public:
  PayloadTails();
  std::string_view operator[](uint64_t i) const { return tails_[i % tails_.size()]; }
  size_t size_bytes() const { return tails_.front().size(); }

 private:
  std::vector<std::string> tails_;
};

/// The PUBLISH packets (MQTT 3.1.1) of one simulated device: topic devices/<id>/telemetry, readings
/// one microsecond apart, so that each has an identity of its own. More than one reading a message
/// are a JSON array.
class PacketStream {
 public:
  PacketStream(std::string_view device_id, uint8_t qos, unsigned readings_per_message,
               base::Timestamp first, const PayloadTails& tails);

  /// Appends the next packet. `packet_id` is not 0; unused with QoS 0.
  void Append(uint16_t packet_id, std::string& out);

  size_t packet_bytes() const { return head_.size() + payload_bytes_; }
  size_t payload_bytes() const { return payload_bytes_; }

 private:
  void StepTime();
  void WriteTime();

  const PayloadTails* tails_;
  std::string head_;     // the packet up to its payload
  std::string reading_;  // a reading up to and including its timestamp
  size_t time_at_ = 0;
  size_t payload_bytes_ = 0;
  uint8_t qos_;
  unsigned readings_per_message_;
  uint64_t count_ = 0;
  std::chrono::sys_seconds second_;
  uint32_t microsecond_ = 0;
};

}  // namespace energy::bench
