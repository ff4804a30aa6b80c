#include "series/engine.h"

#include <limits>

#include "series/instruments.h"
#include "series/keys.h"
#include "series/log_record.h"

namespace energy::series {
namespace {

constexpr size_t kMostDevices = std::numeric_limits<DeviceRef>::max();
constexpr size_t kMostFields = size_t{std::numeric_limits<FieldRef>::max()} + 1;

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Engine::Engine(const EmbeddedOptions& options, const base::Clock& clock, base::Logger logger,
               base::Metrics& metrics, std::unique_ptr<Rocks> rocks)
    : options_(options),
      clock_(clock),
      logger_(std::move(logger)),
      instruments_(std::make_unique<Instruments>(metrics)),
      rocks_(std::move(rocks)),
      devices_(*rocks_, 'd', kMostDevices, "device"),
      fields_(*rocks_, 'f', kMostFields, "field") {}

Engine::~Engine() { Stop(); }

base::Status Engine::Start() {
  const std::unique_lock lock(head_mutex_);
  if (running_) return {};
  running_ = true;
  stopping_ = false;
  sealer_ = std::jthread([this](const std::stop_token& stop) { RunSealer(stop); });
  keeper_ = std::jthread([this](const std::stop_token& stop) { RunKeeper(stop); });
  return {};
}

// The head stays as it is: the log has it, and the next start reads it back.
void Engine::Stop() {
  {
    const std::unique_lock lock(head_mutex_);
    if (!running_) return;
    stopping_ = true;
    give_way_ = true;
  }
  sealer_.request_stop();
  keeper_.request_stop();
  changed_.notify_all();
  sealer_.join();
  keeper_.join();
  const std::unique_lock lock(head_mutex_);
  running_ = false;
  stopping_ = false;
}

base::Result<DeviceRef> Engine::OpenDevice(std::string_view name) { return devices_.Open(name); }

base::Result<FieldRef> Engine::OpenField(std::string_view name) {
  ENERGY_ASSIGN_OR_RETURN(const uint32_t ref, fields_.Open(name));
  return static_cast<FieldRef>(ref);
}

std::optional<DeviceRef> Engine::FindDevice(std::string_view name) const {
  return devices_.Find(name);
}

std::optional<FieldRef> Engine::FindField(std::string_view name) const {
  const auto ref = fields_.Find(name);
  if (!ref) return std::nullopt;
  return static_cast<FieldRef>(*ref);
}

base::Status Engine::Append(const Batch& batch) {
  if (batch.rows.empty()) return {};
  ENERGY_RETURN_IF_ERROR(CheckBatch(batch, devices_.size(), fields_.size()));
  const auto start = clock_.Steady();
  base::Status status = WaitForRoom(batch.bytes());
  if (status.ok()) {
    EncodeLogRecord(batch, record_);
    // A failed write may still be in the log: its number is not given out again.
    const uint64_t sequence = next_sequence_++;
    status = WriteLog(sequence);
    if (status.ok()) Publish(batch, sequence, record_.size());
  }
  if (!status.ok()) {
    instruments_->append_errors.Increment();
    instruments_->writable.Set(rocks_->writable() ? 1 : 0);
    return status;
  }
  instruments_->append_seconds.Observe(Seconds(clock_.Steady() - start));
  return {};
}

base::Status Engine::WriteLog(uint64_t sequence) {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  rocksdb::WriteBatch write(record_.size() + 64);
  write.Put(lease->log(), LogKey(sequence), record_);
  return lease.Write(write, true);
}

size_t Engine::HeadBytes() const {
  return active_->bytes() + (sealing_ == nullptr ? 0 : sealing_->bytes());
}

bool Engine::UnderPressure() const {
  // Overwriting the same readings again and again fills the log, not the head.
  return room_wanted_ || active_->bytes() >= options_.head_bytes / 2 ||
         active_log_bytes_ >= options_.head_bytes;
}

bool Engine::HasRoom(size_t incoming) const {
  const bool both_empty = active_->empty() && sealing_ == nullptr;
  return both_empty || HeadBytes() + incoming <= options_.head_bytes;
}

base::Status Engine::WaitForRoom(size_t incoming) {
  std::unique_lock lock(head_mutex_);
  if (HasRoom(incoming)) return {};
  if (!running_) {
    lock.unlock();
    return Seal();
  }
  room_wanted_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, options_.append_wait,
                    [&] { return HasRoom(incoming) || stopping_ || !rocks_->writable(); });
  room_wanted_ = false;
  if (HasRoom(incoming)) return {};
  if (stopping_) return base::Unavailable("the telemetry store is stopping");
  if (!rocks_->writable()) return base::Unavailable(rocks_->error());
  return base::Unavailable("the telemetry store seals too slowly to take more readings now" +
                           (seal_error_.empty() ? std::string() : ": " + seal_error_));
}

void Engine::Publish(const Batch& batch, uint64_t sequence, size_t log_bytes) {
  size_t readings = 0;
  size_t head_bytes = 0;
  bool pressure = false;
  {
    const std::unique_lock lock(head_mutex_);
    if (active_->empty()) active_since_ = clock_.Steady();
    readings = active_->Insert(batch, refuse_before_, gone_);
    NoteNewest(active_->newest_ns());
    applied_sequence_ = sequence;
    active_log_bytes_ += log_bytes;
    head_bytes = HeadBytes();
    pressure = UnderPressure();
  }
  if (pressure) changed_.notify_all();
  appended_total_.fetch_add(readings, std::memory_order_relaxed);
  instruments_->readings.Increment(static_cast<double>(readings));
  instruments_->head_bytes.Set(static_cast<double>(head_bytes));
}

StoreStats Engine::Stats() const {
  StoreStats stats;
  {
    const std::shared_lock lock(head_mutex_);
    stats.head_bytes = HeadBytes();
    stats.head_readings = active_->readings() + (sealing_ ? sealing_->readings() : 0);
    stats.log_bytes = active_log_bytes_ + sealing_log_bytes_;
    stats.error = seal_error_;
  }
  if (const auto lease = rocks_->Use(); lease.ok()) {
    stats.chunk_bytes = lease->BytesOf((*lease)->chunks());
  }
  stats.readings_appended_total = appended_total_.load(std::memory_order_relaxed);
  stats.chunks_sealed_total = chunks_total_.load(std::memory_order_relaxed);
  stats.rollups_complete = RollupsBuilt();
  stats.damaged_total = damaged_total_;
  {
    const std::lock_guard lock(damage_mutex_);
    stats.damage = damage_;
  }
  stats.writable = rocks_->writable();
  if (!stats.writable) stats.error = rocks_->error();
  return stats;
}

base::Status Engine::Probe() {
  base::Status status = rocks_->Heal();
  instruments_->writable.Set(status.ok() ? 1 : 0);
  changed_.notify_all();
  return status;
}

}  // namespace energy::series
