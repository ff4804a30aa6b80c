#include "series/engine.h"
#include "series/instruments.h"

namespace energy::series {
namespace {

// Damage that comes back after so many repairs is the disk's: a backup is the remedy.
constexpr int kMostRepairs = 3;

}  // namespace

base::Status Engine::NoteDamage(base::Status status) const {
  if (status.code() != base::Code::kInternal) return status;
  {
    const std::lock_guard lock(damage_mutex_);
    if (damage_ != status.message()) logger_->error("damaged: {}", status.message());
    damage_ = status.message();
  }
  rocks_->ReportDamage();
  changed_.notify_all();
  return status;
}

bool Engine::RepairDue() const { return rocks_->damaged() && repairs_ < kMostRepairs; }

base::Status Engine::Repair() {
  if (!RepairDue()) return {};
  ++repairs_;
  base::Result<uint64_t> damaged = rocks_->Repair();
  if (!damaged.ok()) {
    logger_->error("the damage cannot be repaired: {}", damaged.status().message());
    return damaged.status();
  }
  damaged_total_ += *damaged;
  instruments_->damaged.Increment(static_cast<double>(*damaged));
  {
    const std::lock_guard lock(latest_mutex_);
    latest_sealed_.clear();
    ++seals_;
  }
  logger_->warn("{} damaged files or entries were set aside, the rest is readable", *damaged);
  return LoadRollupProgress();
}

}  // namespace energy::series
