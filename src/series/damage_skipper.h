#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace energy::series {

/// Walks a column family in the order of its keys over what cannot be read. Threads: one.
class DamageSkipper {
 public:
  /// Keys between these could not be read; none: from the beginning, to the end.
  struct Gap {
    std::optional<std::string> after;
    std::optional<std::string> before;
    std::string reason;
  };

  DamageSkipper(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family);

  bool valid() const { return it_->Valid(); }
  std::string_view key() const { return it_->key().ToStringView(); }
  std::string_view value() const { return it_->value().ToStringView(); }
  /// Goes on to the next entry that can be read.
  void Next();
  /// What was skipped on the way to this entry, or to the end; once.
  std::optional<Gap> TakeGap();

 private:
  std::unique_ptr<rocksdb::Iterator> NewIterator() const;
  bool CanSeek(const std::string& key);
  void SkipDamage(const std::optional<std::string>& last);

  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* family_;
  std::unique_ptr<rocksdb::Iterator> it_;
  std::optional<Gap> gap_;
};

}  // namespace energy::series
