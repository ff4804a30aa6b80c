#include "series/store_check.h"

#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "series/chunk.h"
#include "series/database.h"
#include "series/keys.h"
#include "series/read_only_store.h"
#include "series/rollup_block.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBase = 1'700'000'000 * kSecond;
constexpr int kDevices = 3;
constexpr int64_t kReadings = 20'000;  // of each device: several blocks

/// A closed store with sealed readings of three devices and some in the log.
class StoreCheck : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = Open();
    for (int d = 0; d < kDevices; ++d) {
      ASSERT_TRUE(store->OpenDevice("D" + std::to_string(d)).ok());
    }
    ASSERT_TRUE(store->OpenField("power_w").ok());
    AppendTo(*store, 0, kReadings);
    ASSERT_TRUE(store->Seal().ok());
    ASSERT_TRUE(store->GiveSpaceBack().ok());  // chunks are in files from here on
    AppendTo(*store, kReadings, kReadings + 100);
  }

  std::unique_ptr<EmbeddedStore> Open() {
    auto store = EmbeddedStore::Open(Options(), clock_, base::NullLogger(), metrics_);
    EXPECT_TRUE(store.ok()) << store.status().ToString();
    return store.ok() ? std::move(*store) : nullptr;
  }
  EmbeddedOptions Options() const {
    EmbeddedOptions options;
    options.path = path();
    options.write_buffer_bytes = 1 << 16;  // flushes to files
    return options;
  }
  static void AppendTo(Store& store, int64_t from, int64_t to) {
    Batch batch;
    const FieldRef field = 0;
    for (DeviceRef device = 0; device < kDevices; ++device) {
      for (int64_t i = from; i < to; ++i) {
        const double value = Value(device, i);
        batch.Add(device, kBase + i * kSecond, {&field, 1}, {&value, 1});
      }
    }
    ASSERT_TRUE(store.Append(batch).ok());
  }
  static double Value(DeviceRef device, int64_t i) {
    return 230 + device + static_cast<double>(i * 7919 % 1000) / 7;
  }

  StoreCheckReport Check() const {
    const auto report =
        CheckStore({.path = path(), .thorough = true, .progress = nullptr}, base::NullLogger());
    EXPECT_TRUE(report.ok()) << report.status().ToString();
    return report.ok() ? *report : StoreCheckReport();
  }
  // How many readings of a device can be read; all of them must be right.
  size_t CountReadable(const EmbeddedStore& store, DeviceRef device) {
    const auto series = store.Read({.device = device,
                                    .start_ns = 0,
                                    .end_ns = 2 * kBase,
                                    .fields = {},
                                    .limit = 10'000'000,
                                    .newest_first = false});
    EXPECT_TRUE(series.ok()) << series.status().ToString();
    if (!series.ok()) return 0;
    for (size_t r = 0; r < series->time_ns.size(); ++r) {
      EXPECT_EQ(series->columns[0][r], Value(device, (series->time_ns[r] - kBase) / kSecond));
    }
    return series->time_ns.size();
  }
  // Changes the database as the engine never would.
  void Edit(const std::function<void(const Database&, rocksdb::WriteBatch&)>& edit) const {
    const RetentionCuts cuts;
    std::atomic<bool> damaged = false;
    const auto database = Database::Open(Options(), cuts, damaged, base::NullLogger());
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    rocksdb::WriteBatch batch;
    edit(**database, batch);
    ASSERT_TRUE((*database)->db().Write(rocksdb::WriteOptions(), &batch).ok());
  }
  fs::path LargestTableOfChunks() const {
    const auto store = ReadOnlyStore::Open(path(), base::NullLogger());
    if (!store.ok()) return {};
    std::vector<rocksdb::LiveFileMetaData> files;
    (*store)->db().GetLiveFilesMetaData(&files);
    std::erase_if(files, [](const auto& file) { return file.column_family_name != "chunks"; });
    const auto largest = std::max_element(
        files.begin(), files.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
    EXPECT_NE(largest, files.end());
    return largest == files.end() ? fs::path() : path() / fs::path(largest->name).filename();
  }
  static void Damage(const fs::path& file, std::streamoff at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream.write("damage", 6);
    ASSERT_TRUE(stream.good()) << file;
  }
  void Repair() const {
    const base::Status status = RepairStore(path(), quarantine(), base::NullLogger());
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_TRUE(fs::exists(quarantine()));
    const StoreCheckReport after = Check();
    EXPECT_TRUE(after.sound()) << after.findings.at(0).what;
  }

  fs::path path() const { return folder_.path() / "series"; }
  fs::path quarantine() const { return folder_.path() / "quarantine" / "1"; }

  TemporaryFolder folder_;
  base::SystemClock clock_;
  base::Metrics metrics_;
};

TEST_F(StoreCheck, FindsNothingInASoundStoreAndCountsIt) {
  const StoreCheckReport report = Check();
  EXPECT_TRUE(report.sound()) << report.findings.at(0).what;
  EXPECT_EQ(report.contents.devices, 3U);
  EXPECT_EQ(report.contents.fields, 1U);
  EXPECT_EQ(report.contents.chunk_readings, 3U * kReadings);
  EXPECT_EQ(report.contents.log_readings, 300U);
  EXPECT_EQ(report.contents.first_ns, kBase);
  EXPECT_EQ(report.contents.last_ns, kBase + (kReadings + 99) * kSecond);
}

TEST_F(StoreCheck, AFolderWithoutAStoreIsSound) {
  const auto report =
      CheckStore({.path = folder_.path() / "nothing", .progress = nullptr}, base::NullLogger());
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->sound());
}

TEST_F(StoreCheck, NamesFileDeviceAndTimesOfADamagedBlockAndRepairKeepsTheRest) {
  const fs::path table = LargestTableOfChunks();
  Damage(table, static_cast<std::streamoff>(fs::file_size(table) / 2));
  const StoreCheckReport report = Check();
  ASSERT_FALSE(report.sound());
  const StoreFinding& finding = report.findings[0];
  EXPECT_EQ(finding.file, table.filename().string());
  EXPECT_TRUE(finding.device.starts_with("D")) << finding.device;
  EXPECT_TRUE(finding.first_ns || finding.last_ns);
  EXPECT_NE(finding.remedy.find("--repair"), std::string::npos);

  Repair();
  const auto store = Open();
  size_t readable = 0;
  for (DeviceRef device = 0; device < kDevices; ++device) readable += CountReadable(*store, device);
  EXPECT_GT(readable, 2U * kReadings) << "a damaged block costs more than it holds";
  EXPECT_LT(readable, 3U * (kReadings + 100));
}

TEST_F(StoreCheck, RepairsAStoreWithoutCurrentFileCompletely) {
  fs::remove(path() / "CURRENT");
  EXPECT_FALSE(Check().sound());
  Repair();
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  for (DeviceRef device = 0; device < kDevices; ++device) {
    EXPECT_EQ(CountReadable(*store, device), kReadings + 100U);
  }
}

TEST_F(StoreCheck, RepairsAStoreWithATableCutShort) {
  fs::resize_file(LargestTableOfChunks(), 100);
  const StoreCheckReport report = Check();
  EXPECT_FALSE(report.sound());
  Repair();
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  for (DeviceRef device = 0; device < kDevices; ++device) {
    EXPECT_GE(CountReadable(*store, device), 100U) << "what the table does not hold";
  }
}

TEST_F(StoreCheck, RepairsAStoreWithoutManifestOrLeavesItAsItIs) {
  for (const auto& entry : fs::directory_iterator(path())) {
    if (entry.path().filename().string().starts_with("MANIFEST")) fs::resize_file(entry, 20);
  }
  EXPECT_FALSE(Check().sound());
  const base::Status status = RepairStore(path(), quarantine(), base::NullLogger());
  EXPECT_FALSE(fs::exists(path().string() + ".salvaged"));
  EXPECT_FALSE(fs::exists(path().string() + ".repaired"));
  if (status.ok()) {
    EXPECT_TRUE(Check().sound());
    const auto store = Open();
    for (DeviceRef device = 0; device < kDevices; ++device) {
      EXPECT_EQ(CountReadable(*store, device), kReadings + 100U);
    }
    return;
  }
  // Tables that a compaction replaced were still there: nobody can tell which count.
  EXPECT_NE(status.message().find("restore a backup"), std::string::npos) << status.message();
  EXPECT_FALSE(fs::exists(quarantine()));
  EXPECT_TRUE(fs::exists(path() / "CURRENT"));
}

TEST_F(StoreCheck, FindsChunksThatAreNotWhatTheirHeaderSays) {
  const ChunkKey key{.device = 1, .first_ns = kBase};
  std::string chunk;
  Edit([&](const Database& database, rocksdb::WriteBatch& batch) {
    ASSERT_TRUE(
        database.db().Get(rocksdb::ReadOptions(), database.chunks(), key.Encode(), &chunk).ok());
    std::string changed = chunk;
    changed[32 + 16] = static_cast<char>(changed[32 + 16] ^ 1);  // the minimum of the first column
    batch.Put(database.chunks(), key.Encode(), changed);
  });
  StoreCheckReport report = Check();
  ASSERT_EQ(report.findings_total, 1U);
  EXPECT_EQ(report.findings[0].device, "D1");
  EXPECT_EQ(report.findings[0].first_ns, kBase);
  EXPECT_NE(report.findings[0].what.find("does not equal its values"), std::string::npos)
      << report.findings[0].what;

  // A chunk that overlaps the one before, one of a device without a name, one that is none.
  Edit([&](const Database& database, rocksdb::WriteBatch& batch) {
    batch.Put(database.chunks(), key.Encode(), chunk);
    const Columns rows{.time_ns = {kBase + 5}, .fields = {0}, .columns = {{1.0}}};
    std::string other;
    EncodeChunk(rows, 0, 1, other);
    batch.Put(database.chunks(), ChunkKey{.device = 1, .first_ns = kBase + 5}.Encode(), other);
    batch.Put(database.chunks(), ChunkKey{.device = 9, .first_ns = kBase + 5}.Encode(), other);
    batch.Put(database.chunks(), ChunkKey{.device = 2, .first_ns = 7}.Encode(), "nonsense");
    batch.Put(database.log(), LogKey(1'000'000), "nonsense");
    batch.Delete(database.names(), NameKey('d', 0));
  });
  report = Check();
  std::set<std::string> wrong;
  for (const StoreFinding& finding : report.findings) wrong.insert(finding.what);
  for (const char* part : {"overlaps", "its device has no name", "shorter than its header",
                           "log record 1000000", "the name of device handle 0 is lost"}) {
    EXPECT_TRUE(std::any_of(wrong.begin(), wrong.end(), [&](const std::string& what) {
      return what.find(part) != std::string::npos;
    })) << part;
  }
  EXPECT_EQ(report.findings_total, 5U);
  EXPECT_EQ(report.contents.chunk_readings, 3U * kReadings);

  Repair();
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->DeviceName(0), "lost-device-0");
  for (DeviceRef device = 0; device < kDevices; ++device) {
    EXPECT_EQ(CountReadable(*store, device), kReadings + 100U);
  }
}

TEST_F(StoreCheck, FindsRollupsThatDoNotEqualTheirReadingsAndRepairComputesThemAgain) {
  const ChunkKey hours{.device = 1, .first_ns = FloorTo(kBase, kHourlyShape.span_ns())};
  Edit([&](const Database& database, rocksdb::WriteBatch& batch) {
    std::string value;
    ASSERT_TRUE(
        database.db().Get(rocksdb::ReadOptions(), database.hourly(), hours.Encode(), &value).ok());
    auto block = DecodeRollup(value, kHourlyShape, {});
    ASSERT_TRUE(block.ok());
    RollupField& field = block->fields.at(0);
    field.buckets[static_cast<size_t>(std::countr_zero(field.there))].sum += 1;
    value.clear();
    EncodeRollup(*block, kHourlyShape, value);
    batch.Put(database.hourly(), hours.Encode(), value);
    batch.Delete(database.daily(),
                 ChunkKey{.device = 2, .first_ns = FloorTo(kBase, kDailyShape.span_ns())}.Encode());
  });
  const StoreCheckReport report = Check();
  ASSERT_EQ(report.findings_total, 2U);
  EXPECT_EQ(report.findings[0].device, "D1");
  EXPECT_EQ(report.findings[0].first_ns, hours.first_ns);
  EXPECT_NE(report.findings[0].what.find("hourly rollup does not equal"), std::string::npos);
  EXPECT_EQ(report.findings[1].device, "D2");
  EXPECT_NE(report.findings[1].what.find("daily rollup does not equal"), std::string::npos);

  Repair();
  {
    const auto store = Open();
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(store->Start().ok());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!store->Stats().rollups_complete && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(store->Stats().rollups_complete);
    store->Stop();
  }
  EXPECT_TRUE(Check().sound());
}

TEST_F(StoreCheck, DoesNotChangeTheFolder) {
  const auto listing = [&] {
    std::map<std::string, std::pair<uint64_t, fs::file_time_type>> files;
    for (const auto& entry : fs::directory_iterator(path())) {
      files[entry.path().filename()] = {entry.file_size(), entry.last_write_time()};
    }
    return files;
  };
  const auto before = listing();
  EXPECT_TRUE(Check().sound());
  EXPECT_EQ(listing(), before);
}

TEST_F(StoreCheck, ACheckpointOfAStoreAtWorkIsAStoreOfItsOwn) {
  const auto store = Open();
  const fs::path checkpoint = folder_.path() / "checkpoint";
  ASSERT_TRUE(store->Checkpoint(checkpoint).ok());
  AppendTo(*store, kReadings + 100, kReadings + 200);
  ASSERT_TRUE(store->Seal().ok());
  const auto report = CheckStore({.path = checkpoint, .progress = nullptr}, base::NullLogger());
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->sound());
  EXPECT_EQ(report->contents.chunk_readings, 3U * kReadings);
  EXPECT_EQ(report->contents.log_readings, 300U);
  EXPECT_EQ(store->Checkpoint(checkpoint).code(), base::Code::kUnavailable) << "exists already";
}

}  // namespace
}  // namespace energy::series
