#include "query/distribution.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace energy::query {
namespace {

constexpr size_t kPendingLimit = 65'536;
// Fewer values than this are sorted at once.
constexpr size_t kFewValues = 4'096;
constexpr unsigned kSlotBits = 14;
constexpr size_t kMostCounted = (size_t{1} << kSlotBits) / 2;

// Counts each different value, in no order: sorting these afterwards costs a tenth of sorting all.
// False when there are too many of them.
template <class Run>
bool CountDistinct(const std::vector<double>& values, std::vector<Run>& runs) {
  std::vector<uint16_t> slots(size_t{1} << kSlotBits);  // index in `runs` + 1
  for (double value : values) {
    value += 0.0;  // so that both zeros are one
    const auto bits = std::bit_cast<uint64_t>(value);
    size_t at = (bits * 0x9E3779B97F4A7C15U) >> (64 - kSlotBits);
    while (slots[at] != 0 && runs[slots[at] - 1].value != value) at = (at + 1) % slots.size();
    if (slots[at] == 0) {
      if (runs.size() == kMostCounted) return false;
      runs.push_back({value, 0});
      slots[at] = static_cast<uint16_t>(runs.size());
    }
    ++runs[slots[at] - 1].count;
  }
  return true;
}

}  // namespace

void Distribution::Add(std::span<const double> values) {
  sorted_ = false;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    pending_.push_back(value);
    ++count_;
    if (pending_.size() >= kPendingLimit) Compact();
  }
}

void Distribution::Merge(const Distribution& other) {
  Compact();
  Distribution rest = other;
  rest.Compact();
  std::vector<Run> merged;
  merged.reserve(runs_.size() + rest.runs_.size());
  auto a = runs_.begin();
  for (const Run& b : rest.runs_) {
    while (a != runs_.end() && a->value < b.value) merged.push_back(*a++);
    merged.push_back(b);
    if (a != runs_.end() && a->value == b.value) merged.back().count += (a++)->count;
  }
  merged.insert(merged.end(), a, runs_.end());
  runs_ = std::move(merged);
  count_ += other.count_;
}

void Distribution::Clear() {
  count_ = 0;
  runs_.clear();
  pending_.clear();
}

void Distribution::Compact() {
  if (pending_.empty()) return;
  Distribution batch;
  if (pending_.size() > kFewValues && CountDistinct(pending_, batch.runs_)) {
    std::sort(batch.runs_.begin(), batch.runs_.end(),
              [](const Run& a, const Run& b) { return a.value < b.value; });
  } else {
    batch.runs_.clear();
    std::sort(pending_.begin(), pending_.end());
    for (const double value : pending_) {
      if (batch.runs_.empty() || batch.runs_.back().value != value) {
        batch.runs_.push_back({value, 0});
      }
      ++batch.runs_.back().count;
    }
  }
  pending_.clear();
  if (runs_.empty()) {
    runs_ = std::move(batch.runs_);
  } else {
    Merge(batch);
  }
}

double Distribution::At(uint64_t rank) const {
  if (runs_.empty()) return pending_[rank];
  for (const Run& run : runs_) {
    if (rank < run.count) return run.value;
    rank -= run.count;
  }
  return runs_.back().value;
}

double Distribution::Quantile(double p) {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  if (!runs_.empty()) {
    Compact();
  } else if (!sorted_) {
    std::sort(pending_.begin(), pending_.end());
    sorted_ = true;
  }
  const double position = p * static_cast<double>(count_ - 1);
  const auto below = static_cast<uint64_t>(position);
  const double share = position - static_cast<double>(below);
  const double low = At(below);
  if (share == 0) return low;
  return low + share * (At(below + 1) - low);
}

}  // namespace energy::query
