#include "series/quarantine.h"

#include <rocksdb/sst_file_reader.h>
#include <rocksdb/utilities/ldb_cmd.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <system_error>

#include "series/database.h"

namespace energy::series {
namespace {

// More than this is no damaged file but a damaged disk; and what is salvaged is held in memory.
constexpr size_t kMostFiles = 8;
constexpr size_t kPaddedKey = 16;

__extension__ using KeyNumber = unsigned __int128;

// Keys as numbers: their order is the same.
KeyNumber NumberOf(std::string_view key) {
  KeyNumber number = 0;
  for (size_t i = 0; i < kPaddedKey; ++i) {
    number = number << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return number;
}

std::string KeyOf(KeyNumber number) {
  std::string key(kPaddedKey, '\0');
  for (size_t i = kPaddedKey; i-- > 0; number >>= 8) key[i] = static_cast<char>(number & 0xff);
  return key;
}

using Iterator = std::unique_ptr<rocksdb::Iterator>;

// A new iterator each time: one that has met a damaged block may go on reporting it (RocksDB 7.8).
Iterator SeekAnew(rocksdb::SstFileReader& reader, KeyNumber from) {
  Iterator it(reader.NewIterator(rocksdb::ReadOptions()));
  it->Seek(KeyOf(from));
  return it;
}

// Past the damage that begins after `last`: at the smallest key from which reading works.
Iterator SkipDamage(rocksdb::SstFileReader& reader, KeyNumber last) {
  const auto readable = [&](KeyNumber from) { return SeekAnew(reader, from)->status().ok(); };
  KeyNumber bad = last;
  KeyNumber good = ~KeyNumber{0};
  for (unsigned shift = 0; shift < 128; ++shift) {
    const KeyNumber next = last + (KeyNumber{1} << shift);
    if (next < last) break;
    if (readable(next)) {
      good = next;
      break;
    }
    bad = next;
  }
  while (good - bad > 1) {
    const KeyNumber middle = bad + (good - bad) / 2;
    (readable(middle) ? good : bad) = middle;
  }
  return SeekAnew(reader, good);
}

std::unique_ptr<rocksdb::SstFileReader> OpenFile(const std::filesystem::path& file) {
  auto reader = std::make_unique<rocksdb::SstFileReader>(rocksdb::Options());
  return reader->Open(file.string()).ok() ? std::move(reader) : nullptr;
}

void Salvage(const std::filesystem::path& file, std::vector<SalvagedEntry>& entries) {
  const auto reader = OpenFile(file);
  if (reader == nullptr) return;
  const std::string family = reader->GetTableProperties()->column_family_name;
  Iterator it(reader->NewIterator(rocksdb::ReadOptions()));
  KeyNumber last = 0;
  it->SeekToFirst();
  while (true) {
    for (; it->Valid(); it->Next()) {
      last = NumberOf(it->key().ToStringView());
      entries.push_back({family, it->key().ToString(), it->value().ToString()});
    }
    if (it->status().ok()) return;
    it = SkipDamage(*reader, last);
    if (!it->Valid()) return;
  }
}

// Fails for a file that the database does not use any more, and that is as well.
void RemoveFromDatabase(const std::filesystem::path& folder, const std::filesystem::path& file,
                        const base::Logger& logger) {
  std::string number = file.stem().string();
  number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(std::size(Database::kFamilies));
  for (const std::string_view name : Database::kFamilies) {
    families.emplace_back(std::string(name), rocksdb::ColumnFamilyOptions());
  }
  rocksdb::Options options;
  options.info_log_level = rocksdb::InfoLogLevel::FATAL_LEVEL;
  const std::unique_ptr<rocksdb::LDBCommand> command(rocksdb::LDBCommand::InitFromCmdLineArgs(
      {"--db=" + folder.string(), "unsafe_remove_sst_file", number}, options, rocksdb::LDBOptions(),
      &families));
  command->Run();
  if (command->GetExecuteState().IsSucceed()) return;
  logger->warn("taking {} out of the database: {}", file.string(),
               command->GetExecuteState().ToString());
}

}  // namespace

std::vector<std::filesystem::path> FindDamagedFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> damaged;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".sst") continue;
    const auto reader = OpenFile(entry.path());
    const bool intact = reader != nullptr && reader->VerifyChecksum(rocksdb::ReadOptions()).ok();
    // A file that is gone now was let go by a compaction.
    if (!intact && std::filesystem::exists(entry.path(), error)) damaged.push_back(entry.path());
  }
  std::sort(damaged.begin(), damaged.end());
  return damaged;
}

base::Result<Quarantined> QuarantineFiles(const std::filesystem::path& folder,
                                          const std::vector<std::filesystem::path>& files,
                                          const base::Logger& logger) {
  if (files.size() > kMostFiles) {
    return base::Internal("the telemetry store " + folder.string() + " has " +
                          std::to_string(files.size()) +
                          " damaged files: check the disk and restore a backup");
  }
  Quarantined quarantined;
  const std::filesystem::path aside = folder / kQuarantineFolder;
  std::error_code error;
  std::filesystem::create_directories(aside, error);
  for (const std::filesystem::path& file : files) {
    const std::filesystem::path kept = aside / file.filename();
    std::filesystem::remove(kept, error);
    std::filesystem::create_hard_link(file, kept, error);
    if (error) {
      return base::Unavailable("cannot keep " + file.string() + " in " + aside.string() + ": " +
                               error.message());
    }
    const size_t before = quarantined.entries.size();
    Salvage(kept, quarantined.entries);
    RemoveFromDatabase(folder, file, logger);
    logger->error("the file {} is damaged: kept as {}, {} entries saved from it", file.string(),
                  kept.string(), quarantined.entries.size() - before);
    quarantined.files.push_back(kept);
  }
  return quarantined;
}

}  // namespace energy::series
