#include "series/names.h"

#include <algorithm>
#include <unordered_set>

#include "series/keys.h"

namespace energy::series {
namespace {

constexpr size_t kLongestName = 255;
constexpr size_t kNamesOfAWrite = 10'000;

bool IsName(std::string_view name) { return !name.empty() && name.size() <= kLongestName; }

}  // namespace

base::Status Names::Load() {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_.Use());
  const auto it = lease.Iterate(lease->names());
  const std::unique_lock lock(mutex_);
  for (it->Seek(NameKey(kind_, 0)); it->Valid(); it->Next()) {
    const std::string_view key = it->key().ToStringView();
    if (key.size() != kNameKeyBytes || key[0] != kind_) break;
    if (LoadBe<uint32_t>(key.substr(1)) != names_.size()) {
      return base::Internal("the telemetry store lost the " + what_ + " handle " +
                            std::to_string(names_.size()) + ": restore a backup");
    }
    names_.push_back(it->value().ToString());
    if (names_.back().empty()) continue;  // given up
    by_name_.emplace(names_.back(), static_cast<uint32_t>(names_.size() - 1));
  }
  return rocks_.TranslateStatus(it->status());
}

base::Result<uint32_t> Names::Open(std::string_view name) {
  if (const auto known = Find(name)) return *known;
  if (!IsName(name)) return base::InvalidField(what_ + " name", "must have 1 to 255 bytes");
  const std::lock_guard creating(create_mutex_);
  if (const auto known = Find(name)) return *known;
  const size_t ref = size();
  if (ref >= limit_) {
    return base::TooLarge("the telemetry store cannot take another " + what_ + ": it has " +
                          std::to_string(limit_));
  }
  ENERGY_RETURN_IF_ERROR(Write({&name, 1}));
  return static_cast<uint32_t>(ref);
}

base::Status Names::Create(std::span<const std::string_view> names) {
  const std::lock_guard creating(create_mutex_);
  std::vector<std::string_view> fresh;
  std::unordered_set<std::string_view> seen;
  const auto write = [&]() -> base::Status {
    fresh.resize(std::min(fresh.size(), limit_ - size()));
    ENERGY_RETURN_IF_ERROR(Write(fresh));
    fresh.clear();
    return {};
  };
  for (const std::string_view name : names) {
    if (!IsName(name) || Find(name) || !seen.insert(name).second) continue;
    fresh.push_back(name);
    if (fresh.size() == kNamesOfAWrite) ENERGY_RETURN_IF_ERROR(write());
  }
  return write();
}

base::Status Names::Write(std::span<const std::string_view> names) {
  if (names.empty()) return {};
  auto ref = static_cast<uint32_t>(size());
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_.Use());
  rocksdb::WriteBatch batch;
  for (const std::string_view name : names) {
    batch.Put(lease->names(), NameKey(kind_, ref++), rocksdb::Slice(name.data(), name.size()));
  }
  ENERGY_RETURN_IF_ERROR(lease.Write(batch, true));
  const std::unique_lock lock(mutex_);
  for (const std::string_view name : names) {
    names_.emplace_back(name);
    by_name_.emplace(names_.back(), static_cast<uint32_t>(names_.size() - 1));
  }
  return {};
}

base::Status Names::Retire(std::string_view name, uint32_t ref, rocksdb::WriteBatch& batch) {
  const std::lock_guard creating(create_mutex_);
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_.Use());
  batch.Put(lease->names(), NameKey(kind_, ref), rocksdb::Slice());
  ENERGY_RETURN_IF_ERROR(lease.Write(batch, true));
  const std::unique_lock lock(mutex_);
  const auto found = by_name_.find(name);
  if (found != by_name_.end() && found->second == ref) by_name_.erase(found);
  names_[ref].clear();
  return {};
}

std::vector<uint32_t> Names::Retired() const {
  std::vector<uint32_t> refs;
  const std::shared_lock lock(mutex_);
  for (uint32_t ref = 0; ref < names_.size(); ++ref) {
    if (names_[ref].empty()) refs.push_back(ref);
  }
  return refs;
}

std::optional<uint32_t> Names::Find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::string Names::Name(uint32_t ref) const {
  const std::shared_lock lock(mutex_);
  return ref < names_.size() ? names_[ref] : std::string();
}

size_t Names::size() const {
  const std::shared_lock lock(mutex_);
  return names_.size();
}

}  // namespace energy::series
