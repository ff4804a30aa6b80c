#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mqtt/hooks.h"
#include "telemetry/committer.h"
#include "telemetry/dead_letter_writer.h"
#include "telemetry/device_table.h"
#include "telemetry/payload_parser.h"

namespace energy::telemetry {

/// The device named by a telemetry topic `devices/{id}/telemetry` (LLD §1.1), or nothing.
std::optional<std::string_view> DeviceOfTopic(std::string_view topic);

struct IngestOptions {
  std::chrono::nanoseconds max_future = std::chrono::minutes(5);
};

/// Takes telemetry messages from one source in order: parses, checks, collects, and hands over with
/// Flush. Accepted readings go to the committer, the rest to the dead letters.
///
/// Threads: one at a time; an I/O thread, or an import, has its own.
class IngestLane {
 public:
  IngestLane(const IngestOptions& options, series::Store& store, DeviceTableSource& devices,
             Committer& committer, DeadLetterWriter& dead_letters, const base::Clock& clock);

  /// One message of `device_id`; `ack` is completed when it, or its dead letter, is durable.
  void Add(std::string_view device_id, std::string_view topic, std::string_view payload,
           const mqtt::AckToken* ack);

  /// Hands over what was added. `done`, if given, is called once the readings are durable.
  void Flush(std::function<void(const base::Status&)> done = nullptr);

 private:
  void Refuse(std::string_view device_id, std::string_view topic, std::string_view payload,
              Rejection rejection, base::Timestamp now, const mqtt::AckToken* ack);

  DeviceTableSource& devices_;
  Committer& committer_;
  DeadLetterWriter& dead_letters_;
  const base::Clock& clock_;
  PayloadParser parser_;
  uint64_t table_version_ = UINT64_MAX;
  std::shared_ptr<const DeviceTable> table_;
  std::unique_ptr<Submission> pending_;
  std::vector<DeadLetter> refused_;
  std::vector<mqtt::AckToken> refused_acks_;
};

/// The MQTT side of ingest: one lane per I/O thread.
class MqttIngest final : public mqtt::PublishHandler {
 public:
  MqttIngest(unsigned io_threads, const IngestOptions& options, series::Store& store,
             DeviceTableSource& devices, Committer& committer, DeadLetterWriter& dead_letters,
             const base::Clock& clock);

  Disposition OnPublish(unsigned io_thread, const Message& message,
                        const mqtt::AckToken& ack) override;
  void OnReadEnd(unsigned io_thread) override;
  bool Saturated(unsigned io_thread) const override;

 private:
  Committer& committer_;
  DeadLetterWriter& dead_letters_;
  std::vector<std::unique_ptr<IngestLane>> lanes_;
};

}  // namespace energy::telemetry
