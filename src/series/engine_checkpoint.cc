#include <rocksdb/utilities/checkpoint.h>

#include <limits>
#include <memory>

#include "series/engine.h"

namespace energy::series {

base::Status Engine::Checkpoint(const std::filesystem::path& folder) const {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  rocksdb::Checkpoint* made = nullptr;
  ENERGY_RETURN_IF_ERROR(rocks_->TranslateStatus(rocksdb::Checkpoint::Create(&lease->db(), &made)));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Copying the write-ahead log is cheaper than the flush that would make it unnecessary, and does
  // not change when the store flushes.
  constexpr uint64_t kNeverFlush = std::numeric_limits<uint64_t>::max();
  return rocks_->TranslateStatus(checkpoint->CreateCheckpoint(folder.string(), kNeverFlush));
}

}  // namespace energy::series
