#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "series/embedded_store.h"
#include "series/head.h"
#include "series/names.h"
#include "series/rocks.h"

namespace energy::series {

/// The embedded store. Operation: docs/formats/README.md.
///
/// Concurrency: `head_mutex_` guards what reads and appends share, and is held only in memory. A
/// seal takes the whole head aside (`sealing_`, which nothing changes any more), writes it as
/// chunks without the lock, and then lets it go. Reads overlay chunks, `sealing_` and `active_` by
/// identity, so a reading that is in two of them counts once, and none is in none of them.
/// Lock order: seal_mutex_, a lease of rocks_, head_mutex_, latest_mutex_.
class Engine final : public EmbeddedStore {
 public:
  Engine(const EmbeddedOptions& options, const base::Clock& clock, base::Logger logger,
         base::Metrics& metrics, std::unique_ptr<Rocks> rocks);
  ~Engine() override;

  /// Reads names and log. Once, before anything else.
  base::Status Recover();

  std::string_view name() const override { return "series"; }
  base::Status Start() override;
  void Stop() override;

  base::Result<DeviceRef> OpenDevice(std::string_view name) override;
  base::Result<FieldRef> OpenField(std::string_view name) override;
  std::optional<DeviceRef> FindDevice(std::string_view name) const override;
  std::optional<FieldRef> FindField(std::string_view name) const override;
  std::string DeviceName(DeviceRef device) const override { return devices_.Name(device); }
  std::string FieldName(FieldRef field) const override { return fields_.Name(field); }

  base::Status Append(const Batch& batch) override;
  base::Result<Series> Read(const RangeQuery& query) const override;
  std::optional<Latest> LatestOf(DeviceRef device) const override;
  StoreStats Stats() const override;
  base::Status Probe() override;

  const ReplayReport& replay() const override { return replay_; }
  base::Status Seal() override;

 private:
  struct Instruments;

  // engine_recover.cc
  base::Status CheckFormat();
  base::Status Replay();
  base::Status ReplayRecord(uint64_t sequence, std::string_view record, Batch& scratch);

  // engine.cc
  base::Status WaitForRoom(size_t incoming);
  bool HasRoom(size_t incoming) const;       // head_mutex_ held
  base::Status WriteLog(uint64_t sequence);  // of record_
  void Publish(const Batch& batch, uint64_t sequence, size_t log_bytes);
  size_t HeadBytes() const;    // head_mutex_ held
  bool UnderPressure() const;  // head_mutex_ held

  // engine_seal.cc
  void RunSealer(const std::stop_token& stop);
  bool SealDue() const;  // head_mutex_ held
  bool TakeHeadAside(bool& leftover);
  base::Status WriteChunks(uint64_t& chunks_written);
  base::Status SealOnce();
  base::Status DropLog(const Rocks::Lease& lease, rocksdb::WriteBatch& batch);
  void ReleaseSealed(uint64_t chunks_written);
  void UpdateLatest(const Head& sealed);
  std::optional<Latest> LatestSealed(DeviceRef device) const;

  const EmbeddedOptions options_;
  const base::Clock& clock_;
  const base::Logger logger_;
  const std::unique_ptr<Instruments> instruments_;
  const std::unique_ptr<Rocks> rocks_;
  Names devices_;
  Names fields_;
  ReplayReport replay_;

  // Of the appending thread.
  uint64_t next_sequence_ = 1;
  std::string record_;

  mutable std::shared_mutex head_mutex_;
  std::condition_variable_any changed_;  // with head_mutex_: room made, seal wanted, stopping
  // Guarded by head_mutex_.
  std::unique_ptr<Head> active_ = std::make_unique<Head>();
  std::shared_ptr<const Head> sealing_;
  uint64_t applied_sequence_ = 0;  // all records up to here are in a head or in chunks
  uint64_t sealing_sequence_ = 0;  // all records up to here are in sealing_ or in chunks
  uint64_t sealed_sequence_ = 0;   // all records up to here are in chunks; also seal_mutex_ held
  uint64_t active_log_bytes_ = 0;
  uint64_t sealing_log_bytes_ = 0;
  std::chrono::steady_clock::time_point active_since_;
  bool room_wanted_ = false;
  bool running_ = false;
  std::string seal_error_;

  mutable std::mutex latest_mutex_;
  // Guarded by latest_mutex_: newest sealed reading by device, as far as asked for; and the number
  // of seals, so that what was read from disk before a seal is not remembered after it.
  mutable std::unordered_map<DeviceRef, std::optional<Latest>> latest_sealed_;
  uint64_t seals_ = 0;

  std::mutex seal_mutex_;  // one seal at a time
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> appended_total_ = 0;
  std::atomic<uint64_t> chunks_total_ = 0;
  std::jthread sealer_;
};

}  // namespace energy::series
