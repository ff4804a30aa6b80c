#pragma once

#include <atomic>
#include <condition_variable>
#include <limits>
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
/// Lock order: retention_mutex_, seal_mutex_, a lease of rocks_, head_mutex_, latest_mutex_,
/// deleted_mutex_, damage_mutex_.
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
  base::Status CreateDevices(std::span<const std::string_view> names) override {
    return devices_.Create(names);
  }
  std::optional<DeviceRef> FindDevice(std::string_view name) const override;
  std::optional<FieldRef> FindField(std::string_view name) const override;
  std::string DeviceName(DeviceRef device) const override { return devices_.Name(device); }
  std::string FieldName(FieldRef field) const override { return fields_.Name(field); }

  base::Status Append(const Batch& batch) override;
  base::Status DeleteDevice(std::string_view name) override;
  base::Result<Series> Read(const RangeQuery& query) const override;
  base::Status Scan(const ScanQuery& query, const ScanSink& sink) const override;
  base::Status ScanChunks(const ScanQuery& query, const ChunkSinks& sinks) const override;
  base::Result<Rollups> ReadRollups(const RollupQuery& query) const override;
  base::Result<Summary> Summarize(const ScanQuery& query) const override;
  RetentionState retention() const override;
  std::optional<Latest> LatestOf(DeviceRef device) const override;
  StoreStats Stats() const override;
  base::Status Probe() override;

  const ReplayReport& replay() const override { return replay_; }
  base::Status Seal() override;
  base::Status EnforceRetention() override;
  base::Status GiveSpaceBack() override;
  base::Status Checkpoint(const std::filesystem::path& folder) const override;

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

  // engine_read.cc
  std::optional<Latest> LatestSealed(DeviceRef device) const;

  // engine_delete.cc
  bool Gone(DeviceRef device) const { return device < gone_.size() && gone_[device]; }
  base::Status LoadDeleted();
  base::Status ReclaimDeleted();  // retention_mutex_ held

  // engine_rollup.cc
  struct Snapshot;
  base::Result<Snapshot> Take(const ScanQuery& query) const;
  base::Result<Rollups> RollupsOf(const RollupQuery& query) const;
  bool RollupsBuilt() const { return rollups_built_ == kAllRollups; }
  base::Status LoadRollupProgress();
  base::Status BuildRollups();

  // engine_repair.cc
  base::Status NoteDamage(base::Status status) const;
  bool RepairDue() const;
  base::Status Repair();  // seal_mutex_ held

  // engine_retention.cc
  RetentionState WantedRetention(int64_t now_ns) const;
  bool RetentionDue(int64_t now_ns) const;
  base::Result<int64_t> RetentionNow();
  void NoteNewest(int64_t time_ns);
  base::Status LoadRetention();
  base::Status MoveCuts();
  base::Status StartReclaim(const Rocks::Lease& lease);
  base::Status ReclaimSome();
  base::Status KeepRetention();

  // engine_space.cc
  void RunKeeper(const std::stop_token& stop);
  bool QuietSince(uint64_t& appended) const;

  // engine_seal.cc
  void RunSealer(const std::stop_token& stop);
  bool SealDue() const;  // head_mutex_ held
  bool TakeHeadAside(bool& leftover);
  base::Status WriteChunks(uint64_t& chunks_written);
  base::Status SealOnce();
  base::Status DropLog(const Rocks::Lease& lease, rocksdb::WriteBatch& batch);
  void ReleaseSealed(uint64_t chunks_written);
  void UpdateLatest(const Head& sealed);

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
  mutable std::condition_variable_any
      changed_;  // with head_mutex_: room made, seal wanted, stopping
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
  std::vector<bool> gone_;  // by handle: its device was deleted

  // Readings before are not taken any more. Written with head_mutex_ held.
  std::atomic<int64_t> refuse_before_ = std::numeric_limits<int64_t>::min();
  // Time of the newest reading of this run, and with newest_complete_ of all.
  std::atomic<int64_t> newest_ = std::numeric_limits<int64_t>::min();
  std::mutex retention_mutex_;    // one enforcement, or giving back of space, at a time
  bool newest_complete_ = false;  // guarded by retention_mutex_
  // Guarded by retention_mutex_: the compaction that gives space back, device by device.
  bool reclaiming_ = false;
  uint64_t reclaim_next_ = 0;
  uint64_t reclaim_total_ = 0;
  std::mutex deleted_mutex_;
  std::vector<DeviceRef> deleted_;  // guarded by deleted_mutex_; their space is not given back yet
  // Guarded by retention_mutex_: the last write when no more space could be given back.
  uint64_t tidy_write_ = ~uint64_t{0};
  std::atomic<bool> give_way_ = false;  // ends GiveSpaceBack

  mutable std::mutex damage_mutex_;
  mutable std::string damage_;  // guarded by damage_mutex_
  std::atomic<uint64_t> damaged_total_ = 0;
  std::atomic<int> repairs_ = 0;

  // Devices below have rollups, which seals keep up; the others are still to be built.
  static constexpr uint64_t kAllRollups = ~uint64_t{0};
  std::atomic<uint64_t> rollups_built_ = kAllRollups;

  mutable std::mutex latest_mutex_;
  // Guarded by latest_mutex_: newest sealed reading by device, as far as asked for; and the number
  // of seals, so that what was read from disk before a seal is not remembered after it.
  static constexpr size_t kMostLatest = 16'384;
  mutable std::unordered_map<DeviceRef, std::optional<Latest>> latest_sealed_;
  uint64_t seals_ = 0;

  std::mutex seal_mutex_;  // one seal at a time
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> appended_total_ = 0;
  std::atomic<uint64_t> chunks_total_ = 0;
  std::jthread sealer_;
  std::jthread keeper_;
};

}  // namespace energy::series
