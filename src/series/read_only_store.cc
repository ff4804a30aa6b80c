#include "series/read_only_store.h"

#include "series/database.h"
#include "series/log_bridge.h"

namespace energy::series {

base::Result<std::unique_ptr<ReadOnlyStore>> ReadOnlyStore::Open(const std::filesystem::path& path,
                                                                 const base::Logger& logger) {
  const auto bridge = std::make_shared<LogBridge>(logger);
  rocksdb::DBOptions options;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_open_files = 256;
  options.skip_stats_update_on_db_open = true;
  options.info_log = bridge;
  std::vector<std::string> names;
  ENERGY_RETURN_IF_ERROR(
      Translate(rocksdb::DB::ListColumnFamilies(options, path.string(), &names), path));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) {
    descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::unique_ptr<ReadOnlyStore> store(new ReadOnlyStore);
  rocksdb::DB* db = nullptr;
  ENERGY_RETURN_IF_ERROR(Translate(
      rocksdb::DB::OpenForReadOnly(options, path.string(), descriptors, &store->families_, &db),
      path));
  store->db_.reset(db);
  store->dropped_log_bytes_ = bridge->dropped_bytes();
  return store;
}

ReadOnlyStore::~ReadOnlyStore() {
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

rocksdb::ColumnFamilyHandle* ReadOnlyStore::Find(std::string_view name) const {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    if (family->GetName() == name) return family;
  }
  return nullptr;
}

}  // namespace energy::series
