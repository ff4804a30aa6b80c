#include "telemetry/ingest.h"

#include <mutex>
#include <utility>

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

namespace {

// JSON, or what should have been JSON; everything else is line protocol.
bool IsLineProtocol(std::string_view payload) {
  const size_t first = payload.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && payload[first] != '{' && payload[first] != '[' &&
         payload.find('=', first) != std::string_view::npos;
}

// Calls `done` at its second call, with the first error of both.
IngestLane::Done AfterBoth(IngestLane::Done done) {
  struct State {
    std::mutex mutex;
    bool first = true;
    base::Status status;
    IngestLane::Done done;
  };
  auto state = std::make_shared<State>();
  state->done = std::move(done);
  return [state](const base::Status& status) {
    {
      std::lock_guard lock(state->mutex);
      if (!status.ok()) state->status = status;
      if (std::exchange(state->first, false)) return;
    }
    state->done(state->status);
  };
}

}  // namespace

IngestLane::IngestLane(const IngestOptions& options, series::Store& store,
                       DeviceTableSource& devices, Committer& committer,
                       DeadLetterWriter& dead_letters, const base::Clock& clock)
    : options_(options),
      store_(store),
      devices_(devices),
      committer_(committer),
      dead_letters_(dead_letters),
      clock_(clock),
      payload_parser_(store),
      line_parser_(store),
      pending_(committer.NewSubmission()) {}

const DeviceTable& IngestLane::Devices() {
  if (const uint64_t version = devices_.version(); version != table_version_) {
    table_ = devices_.current();
    table_version_ = version;
  }
  return *table_;
}

TimeLimits IngestLane::Limits() const {
  return {clock_.Now(), options_.max_future, store_.retention().raw_from_ns};
}

void IngestLane::Add(std::string_view device_id, std::string_view topic, std::string_view payload,
                     const mqtt::AckToken* ack) {
  refusals_.clear();
  const size_t accepted = Read(device_id, payload, true, std::nullopt, refusals_);
  if (!refusals_.empty()) Keep(refusals_, topic);
  if (ack == nullptr) return;
  auto& acks = refusals_.empty() ? pending_->acks : accepted == 0 ? refused_acks_ : mixed_acks_;
  acks.push_back(*ack);
}

size_t IngestLane::Read(std::string_view device_id, std::string_view payload,
                        bool device_id_required, std::optional<base::Timestamp> default_time,
                        Refusals& refusals) {
  const DeviceTable& devices = Devices();
  const IngestDevice* const device = devices.Find(device_id);
  if (device == nullptr) {
    refusals.push_back(
        {1,
         payload,
         std::string(device_id),
         {RejectReason::kUnknownDevice, "no device '" + std::string(device_id.substr(0, 64)) +
                                            "' is registered: create it first"}});
    return 0;
  }
  if (!IsLineProtocol(payload)) {
    return payload_parser_.Parse(payload, {*device, Limits(), device_id_required},
                                 pending_->readings, refusals);
  }
  const LineParser::Context context{.devices = devices,
                                    .device = device,
                                    .device_tag = options_.device_tag,
                                    .limits = Limits(),
                                    .default_time = default_time,
                                    .may_write = {}};
  return line_parser_.Parse(payload, context, pending_->readings, refusals).accepted;
}

LineParser::Outcome IngestLane::ReadLines(std::string_view text, Precision precision,
                                          base::Timestamp default_time,
                                          std::function<bool(std::string_view device_id)> may_write,
                                          Refusals& refusals) {
  const LineParser::Context context{.devices = Devices(),
                                    .device_tag = options_.device_tag,
                                    .limits = Limits(),
                                    .precision = precision,
                                    .default_time = default_time,
                                    .may_write = std::move(may_write)};
  return line_parser_.Parse(text, context, pending_->readings, refusals);
}

void IngestLane::Keep(const Refusals& refusals, std::string_view topic) {
  AppendDeadLetters(refusals, topic, clock_.Now(), refused_);
}

void IngestLane::Discard() {
  pending_->Clear();
  refused_.clear();
  refused_acks_.clear();
  mixed_acks_.clear();
}

void IngestLane::Flush(Done done) {
  const bool letters = !refused_.empty();
  const bool readings = !pending_->readings.rows.empty();
  if (!mixed_acks_.empty()) {
    done = [&committer = committer_, acks = std::exchange(mixed_acks_, {}),
            done = std::move(done)](const base::Status& status) {
      if (status.ok()) committer.Acknowledge(acks);
      if (done) done(status);
    };
  }
  if (done && letters && readings) done = AfterBoth(std::move(done));
  if (letters) dead_letters_.Submit(refused_, refused_acks_, done);
  if (readings) {
    pending_->done = std::move(done);
    committer_.Submit(std::move(pending_));
    pending_ = committer_.NewSubmission();
  } else if (done && !letters) {
    done({});
  }
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
