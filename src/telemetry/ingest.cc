#include "telemetry/ingest.h"

namespace energy::telemetry {

std::optional<std::string_view> DeviceOfTopic(std::string_view topic) {
  constexpr std::string_view kPrefix = "devices/";
  constexpr std::string_view kSuffix = "/telemetry";
  if (topic.size() <= kPrefix.size() + kSuffix.size() || !topic.starts_with(kPrefix) ||
      !topic.ends_with(kSuffix)) {
    return std::nullopt;
  }
  topic.remove_prefix(kPrefix.size());
  topic.remove_suffix(kSuffix.size());
  if (topic.find('/') != std::string_view::npos) return std::nullopt;
  return topic;
}

IngestLane::IngestLane(const IngestOptions& options, series::Store& store,
                       DeviceTableSource& devices, Committer& committer,
                       DeadLetterWriter& dead_letters, const base::Clock& clock)
    : devices_(devices),
      committer_(committer),
      dead_letters_(dead_letters),
      clock_(clock),
      parser_(store, options.max_future),
      pending_(committer.NewSubmission()) {}

void IngestLane::Add(std::string_view device_id, std::string_view topic, std::string_view payload,
                     const mqtt::AckToken* ack) {
  if (const uint64_t version = devices_.version(); version != table_version_) {
    table_ = devices_.current();
    table_version_ = version;
  }
  const base::Timestamp now = clock_.Now();
  const IngestDevice* device = table_->Find(device_id);
  Rejection rejection;
  if (device == nullptr) {
    rejection = {
        RejectReason::kUnknownDevice,
        "no device '" + std::string(device_id.substr(0, 64)) + "' is registered: create it first"};
  } else if (parser_.Parse(payload, *device, now, pending_->readings, rejection)) {
    if (ack != nullptr) pending_->acks.push_back(*ack);
    return;
  }
  Refuse(device_id, topic, payload, std::move(rejection), now, ack);
}

void IngestLane::Refuse(std::string_view device_id, std::string_view topic,
                        std::string_view payload, Rejection rejection, base::Timestamp now,
                        const mqtt::AckToken* ack) {
  refused_.push_back({std::string(device_id), std::string(topic), std::string(payload),
                      rejection.reason, std::move(rejection.detail), now});
  if (ack != nullptr) refused_acks_.push_back(*ack);
}

void IngestLane::Flush(std::function<void(const base::Status&)> done) {
  if (!refused_.empty()) dead_letters_.Submit(refused_, refused_acks_);
  if (pending_->readings.rows.empty()) {
    if (done) done({});
    return;
  }
  pending_->done = std::move(done);
  committer_.Submit(std::move(pending_));
  pending_ = committer_.NewSubmission();
}

MqttIngest::MqttIngest(unsigned io_threads, const IngestOptions& options, series::Store& store,
                       DeviceTableSource& devices, Committer& committer,
                       DeadLetterWriter& dead_letters, const base::Clock& clock)
    : committer_(committer), dead_letters_(dead_letters) {
  for (unsigned i = 0; i < io_threads; ++i) {
    lanes_.push_back(
        std::make_unique<IngestLane>(options, store, devices, committer, dead_letters, clock));
  }
}

MqttIngest::Disposition MqttIngest::OnPublish(unsigned io_thread, const Message& message,
                                              const mqtt::AckToken& ack) {
  const auto device = DeviceOfTopic(message.topic);
  if (!device) return Disposition::kRoute;
  lanes_[io_thread]->Add(*device, message.topic, message.payload, message.qos > 0 ? &ack : nullptr);
  return Disposition::kDeferred;
}

void MqttIngest::OnReadEnd(unsigned io_thread) { lanes_[io_thread]->Flush(); }

bool MqttIngest::Saturated(unsigned) const {
  return committer_.saturated() || dead_letters_.saturated();
}

}  // namespace energy::telemetry
