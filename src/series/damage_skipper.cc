#include "series/damage_skipper.h"

#include <cstdint>
#include <utility>

namespace energy::series {
namespace {

// No key of the store is longer: keys are numbers of so many bytes, shorter ones padded at the end.
constexpr size_t kKeyBytes = 12;
__extension__ typedef unsigned __int128 Number;  // NOLINT(modernize-use-using): as GCC wants it
constexpr Number kLargest = (Number{1} << (8 * kKeyBytes)) - 1;

Number ToNumber(std::string_view key) {
  Number number = 0;
  for (size_t i = 0; i < kKeyBytes; ++i) {
    number = number << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return number;
}

std::string ToKey(Number number) {
  std::string key(kKeyBytes, '\0');
  for (size_t i = kKeyBytes; i-- > 0; number >>= 8) key[i] = static_cast<char>(number & 0xFFU);
  return key;
}

}  // namespace

DamageSkipper::DamageSkipper(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family)
    : db_(db), family_(family), it_(NewIterator()) {
  it_->SeekToFirst();
  if (!it_->Valid() && !it_->status().ok()) SkipDamage(std::nullopt);
}

std::unique_ptr<rocksdb::Iterator> DamageSkipper::NewIterator() const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = size_t{1} << 20;
  return std::unique_ptr<rocksdb::Iterator>(db_.NewIterator(options, family_));
}

void DamageSkipper::Next() {
  std::string last(key());
  it_->Next();
  if (!it_->Valid() && !it_->status().ok()) SkipDamage(std::move(last));
}

std::optional<DamageSkipper::Gap> DamageSkipper::TakeGap() {
  return std::exchange(gap_, std::nullopt);
}

bool DamageSkipper::CanSeek(const std::string& key) {
  // An iterator that met damage may remember it.
  it_ = NewIterator();
  it_->Seek(key);
  return it_->status().ok();
}

// A damaged block spans an interval of keys that is known only by what can be read behind it:
// strides that double find a key there, halving finds the first.
void DamageSkipper::SkipDamage(const std::optional<std::string>& last) {
  gap_ = Gap{.after = last, .before = std::nullopt, .reason = it_->status().ToString()};
  Number unreadable = last ? ToNumber(*last) : 0;
  Number readable = kLargest;
  for (Number stride = 1; stride < kLargest - unreadable; stride <<= 1) {
    if (CanSeek(ToKey(unreadable + stride))) {
      readable = unreadable + stride;
      break;
    }
    unreadable += stride;
  }
  if (readable == kLargest && !CanSeek(ToKey(kLargest))) {
    // Nothing behind it can be read: end here, where the iterator is not valid.
    return;
  }
  while (readable - unreadable > 1) {
    const Number middle = unreadable + (readable - unreadable) / 2;
    (CanSeek(ToKey(middle)) ? readable : unreadable) = middle;
  }
  CanSeek(ToKey(readable));
  if (it_->Valid()) gap_->before = std::string(key());
}

}  // namespace energy::series
