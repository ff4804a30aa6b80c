#include "series/retention.h"

#include "series/bytes.h"
#include "series/keys.h"

namespace energy::series {
namespace {

class ExpiredChunkFilter final : public rocksdb::CompactionFilter {
 public:
  explicit ExpiredChunkFilter(const std::atomic<int64_t>& cut) : cut_(cut) {}
  const char* Name() const override { return "expired-chunks"; }
  bool Filter(int /*level*/, const rocksdb::Slice& key, const rocksdb::Slice& value,
              std::string* /*new_value*/, bool* /*changed*/) const override {
    constexpr size_t kLastTimeAt = 16;  // docs/formats/chunk.md
    if (key.size() != kChunkKeyBytes || value.size() < kLastTimeAt + sizeof(int64_t)) return false;
    return LoadLe<int64_t>(value.data() + kLastTimeAt) < cut_.load(std::memory_order_relaxed);
  }

 private:
  const std::atomic<int64_t>& cut_;
};

class ExpiredRollupFilter final : public rocksdb::CompactionFilter {
 public:
  ExpiredRollupFilter(const std::atomic<int64_t>& cut, const RollupShape& shape)
      : cut_(cut), span_ns_(shape.span_ns()) {}
  const char* Name() const override { return "expired-rollups"; }
  bool Filter(int /*level*/, const rocksdb::Slice& key, const rocksdb::Slice& /*value*/,
              std::string* /*new_value*/, bool* /*changed*/) const override {
    if (key.size() != kChunkKeyBytes) return false;
    const int64_t start = ChunkKey::Decode(key.ToStringView()).first_ns;
    const int64_t cut = cut_.load(std::memory_order_relaxed);
    return start < kNewestTime && start + span_ns_ <= cut;
  }

 private:
  const std::atomic<int64_t>& cut_;
  const int64_t span_ns_;
};

}  // namespace

std::unique_ptr<rocksdb::CompactionFilter> ExpiredChunks(const std::atomic<int64_t>& cut) {
  return std::make_unique<ExpiredChunkFilter>(cut);
}

std::unique_ptr<rocksdb::CompactionFilter> ExpiredRollups(const std::atomic<int64_t>& cut,
                                                          const RollupShape& shape) {
  return std::make_unique<ExpiredRollupFilter>(cut, shape);
}

}  // namespace energy::series
