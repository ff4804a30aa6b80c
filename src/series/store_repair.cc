#include <fcntl.h>
#include <rocksdb/sst_file_writer.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "series/database.h"
#include "series/keys.h"
#include "series/read_only_store.h"
#include "series/store_check.h"
#include "series/store_walk.h"

namespace energy::series {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatchBytes = size_t{1} << 20;

/// A folder for work beside the store, gone at the end unless it was moved away.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) { Remove(); }
  ~WorkFolder() { Remove(); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void Remove() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path path_;
};

base::Status Failed(const std::string& what, const std::error_code& error) {
  return base::Unavailable(what + ": " + error.message());
}

base::Status CopyFolder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  for (const auto& entry : fs::directory_iterator(from, error)) {
    if (!entry.is_regular_file()) continue;  // the quarantine
    const fs::path target = to / entry.path().filename();
    std::error_code linked;
    // Tables are never written to again; everything else is copied, for RocksDB may go on in it.
    if (entry.path().extension() == ".sst") {
      fs::create_hard_link(entry.path(), target, linked);
      if (!linked) continue;
    }
    fs::copy_file(entry.path(), target, error);
    if (error) break;
  }
  return error ? Failed("copying " + from.string(), error) : base::Status();
}

// CURRENT names the newest MANIFEST: it can be made again. False when there is no MANIFEST.
base::Result<bool> RemakeCurrent(const fs::path& folder) {
  std::string newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("MANIFEST-") && name > newest) newest = name;
  }
  if (newest.empty()) return false;
  std::ofstream file(folder / "CURRENT", std::ios::trunc);
  file << newest << "\n";
  file.close();
  if (file.fail()) return base::Unavailable("cannot write " + (folder / "CURRENT").string());
  return true;
}

// RocksDB's repair learns of a column family only from its tables, and drops what the write-ahead
// log holds of others: readings that were acknowledged and not yet sealed. So every family gets a
// table here, with nothing but the delete of a key that no store has.
base::Status AddTableOfEveryFamily(const fs::path& folder, const base::Logger& logger) {
  const WorkFolder empty(fs::path(folder) += ".families");
  EmbeddedOptions options;
  const RetentionCuts cuts;
  std::atomic<bool> damaged = false;
  options.path = empty.path();
  ENERGY_ASSIGN_OR_RETURN(const auto families, Database::Open(options, cuts, damaged, logger));

  uint64_t number = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
      number = std::max<uint64_t>(number, std::strtoull(name.c_str(), nullptr, 10));
    }
  }
  for (const std::string_view name : Database::kFamilies) {
    rocksdb::SstFileWriter table(rocksdb::EnvOptions(), rocksdb::Options(), families->Family(name));
    std::string digits = std::to_string(++number);
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
    rocksdb::Status status = table.Open((folder / (digits + ".sst")).string());
    if (status.ok()) status = table.Delete(std::string(kLogKeyBytes * 2, '\xff'));
    if (status.ok()) status = table.Finish();
    ENERGY_RETURN_IF_ERROR(Translate(status, folder));
  }
  return {};
}

// Makes a store that does not open readable, in the new folder `to`: with its MANIFEST where that
// is sound, else with RocksDB's own repair, which makes one from the tables.
base::Result<std::unique_ptr<ReadOnlyStore>> Salvage(const fs::path& from, const fs::path& to,
                                                     const base::Logger& logger) {
  ENERGY_RETURN_IF_ERROR(CopyFolder(from, to));
  ENERGY_ASSIGN_OR_RETURN(const bool has_manifest, RemakeCurrent(to));
  if (has_manifest) {
    auto store = ReadOnlyStore::Open(to, logger);
    if (store.ok()) return store;
  }
  ENERGY_RETURN_IF_ERROR(AddTableOfEveryFamily(to, logger));
  const rocksdb::Status repaired = rocksdb::RepairDB(to.string(), rocksdb::Options());
  auto store = repaired.ok() ? ReadOnlyStore::Open(to, logger) : Translate(repaired, to);
  if (store.ok()) return store;
  return base::Internal("the telemetry store " + from.string() +
                        " is too damaged to repair: restore a backup (" + store.status().message() +
                        ")");
}

class Rebuild {
 public:
  explicit Rebuild(const Database& target) : target_(target) {}

  base::Status Put(std::string_view family, std::string_view key, std::string_view value) {
    // What is left out is computed again at the next start, and the rest kept up with it.
    if (key == kRollupsBuiltKey) return {};
    rocksdb::ColumnFamilyHandle* const handle = Find(family);
    if (handle == nullptr) return {};
    batch_.Put(handle, rocksdb::Slice(key.data(), key.size()),
               rocksdb::Slice(value.data(), value.size()));
    return batch_.GetDataSize() < kBatchBytes ? base::Status() : Write();
  }

  base::Status Finish() {
    ENERGY_RETURN_IF_ERROR(Write());
    ENERGY_RETURN_IF_ERROR(Checked(target_.db().Flush(rocksdb::FlushOptions(), Families())));
    return Checked(target_.db().SyncWAL());
  }

 private:
  std::vector<rocksdb::ColumnFamilyHandle*> Families() const {
    return {target_.meta(),   target_.names(),  target_.log(),
            target_.chunks(), target_.hourly(), target_.daily()};
  }
  rocksdb::ColumnFamilyHandle* Find(std::string_view family) const {
    for (rocksdb::ColumnFamilyHandle* handle : Families()) {
      if (handle->GetName() == family) return handle;
    }
    return nullptr;
  }
  base::Status Write() {
    const rocksdb::Status status = target_.db().Write(rocksdb::WriteOptions(), &batch_);
    batch_.Clear();
    return Checked(status);
  }
  base::Status Checked(const rocksdb::Status& status) const {
    return Translate(status, target_.db().GetName());
  }

  const Database& target_;
  rocksdb::WriteBatch batch_;
};

base::Status SyncFolder(const fs::path& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && fsync(folder) == 0;
  const int cause = errno;
  if (folder >= 0) close(folder);
  return synced ? base::Status()
                : base::Unavailable("cannot sync " + path.string() + ": " + std::strerror(cause));
}

// Puts `repaired` in the place of `path`, which goes to `quarantine`. Where the file system can
// exchange two folders there is a whole store in the place at any moment.
base::Status Replace(const fs::path& path, const fs::path& repaired, const fs::path& quarantine) {
  std::error_code error;
  fs::create_directories(quarantine.parent_path(), error);
  if (renameat2(AT_FDCWD, repaired.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) {
    fs::rename(repaired, quarantine, error);
  } else {
    fs::rename(path, quarantine, error);
    if (!error) fs::rename(repaired, path, error);
  }
  if (error) return Failed("moving " + path.string() + " to " + quarantine.string(), error);
  ENERGY_RETURN_IF_ERROR(SyncFolder(quarantine.parent_path()));
  return SyncFolder(path.parent_path());
}

}  // namespace

base::Status RepairStore(const fs::path& path, const fs::path& quarantine,
                         const base::Logger& logger) {
  const WorkFolder salvaged(fs::path(path) += ".salvaged");
  const WorkFolder repaired(fs::path(path) += ".repaired");
  auto source = ReadOnlyStore::Open(path, logger);
  fs::path source_path = path;
  if (!source.ok()) {
    source = Salvage(path, salvaged.path(), logger);
    source_path = salvaged.path();
  }
  if (!source.ok()) return source.status();
  {
    EmbeddedOptions options;
    const RetentionCuts cuts;
    std::atomic<bool> damaged = false;
    options.path = repaired.path();
    ENERGY_ASSIGN_OR_RETURN(const auto target, Database::Open(options, cuts, damaged, logger));
    Rebuild rebuild(*target);
    StoreCheckReport ignored;
    const StoreCheckOptions walk{.path = source_path, .thorough = true, .progress = nullptr};
    ENERGY_RETURN_IF_ERROR(
        StoreWalk(**source, walk, ignored)
            .Run([&](std::string_view family, std::string_view key, std::string_view value) {
              return rebuild.Put(family, key, value);
            }));
    ENERGY_RETURN_IF_ERROR(rebuild.Finish());
  }
  return Replace(path, repaired.path(), quarantine);
}

}  // namespace energy::series
