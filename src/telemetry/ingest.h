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
#include "telemetry/line_parser.h"
#include "telemetry/payload_parser.h"

namespace energy::telemetry {

/// The device named by a telemetry topic `devices/{id}/telemetry` (LLD §1.1), or nothing.
std::optional<std::string_view> DeviceOfTopic(std::string_view topic);

struct IngestOptions {
  std::chrono::nanoseconds max_future = std::chrono::minutes(5);
  /// The tag that names the device of a line of line protocol.
  std::string device_tag = "device_id";
};

/// Takes telemetry messages from one source in order: parses, checks, collects, and hands over with
/// Flush. Accepted readings go to the committer, the rest to the dead letters.
///
/// A message is one JSON object, an array of them, or line protocol; its first character tells.
///
/// Threads: one at a time; an I/O thread, or a request, has its own.
class IngestLane {
 public:
  using Done = std::function<void(const base::Status&)>;

  IngestLane(const IngestOptions& options, series::Store& store, DeviceTableSource& devices,
             Committer& committer, DeadLetterWriter& dead_letters, const base::Clock& clock);

  /// One MQTT message of `device_id`; `ack` is completed when all its readings, or their dead
  /// letters, are durable.
  void Add(std::string_view device_id, std::string_view topic, std::string_view payload,
           const mqtt::AckToken* ack);

  /// The parts of Add. Collects the readings of one device's message and answers how many; what is
  /// refused is only listed. `default_time`: of lines without a timestamp, as in
  /// LineParser::Context. `device_id_required`: as in PayloadParser::Context.
  size_t Read(std::string_view device_id, std::string_view payload, bool device_id_required,
              std::optional<base::Timestamp> default_time, Refusals& refusals);
  /// The same for line protocol in which each line names its device.
  LineParser::Outcome ReadLines(std::string_view text, Precision precision,
                                base::Timestamp default_time,
                                std::function<bool(std::string_view device_id)> may_write,
                                Refusals& refusals);
  /// What was refused becomes dead letters with the next Flush.
  void Keep(const Refusals& refusals, std::string_view topic);
  /// Forgets what was collected since the last Flush.
  void Discard();

  /// Hands over what was added. `done`, if given, is called once readings and dead letters are
  /// durable, or will not be.
  void Flush(Done done = nullptr);

 private:
  const DeviceTable& Devices();
  TimeLimits Limits() const;

  const IngestOptions options_;
  series::Store& store_;
  DeviceTableSource& devices_;
  Committer& committer_;
  DeadLetterWriter& dead_letters_;
  const base::Clock& clock_;
  PayloadParser payload_parser_;
  LineParser line_parser_;
  uint64_t table_version_ = UINT64_MAX;
  std::shared_ptr<const DeviceTable> table_;
  std::unique_ptr<Submission> pending_;
  Refusals refusals_;  // of the message under way
  std::vector<DeadLetter> refused_;
  std::vector<mqtt::AckToken> refused_acks_;
  std::vector<mqtt::AckToken> mixed_acks_;  // of messages with readings and dead letters
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
