#include "mqtt/connect_rates.h"

#include <algorithm>
#include <cmath>

namespace energy::mqtt {

using std::chrono::milliseconds;

milliseconds ConnectRates::Take(const std::string& name, TimePoint now) {
  if (per_minute_ == 0) return milliseconds(0);
  const double burst = per_minute_;
  const double per_ms = burst / 60'000;
  const std::lock_guard lock(mutex_);
  const auto [it, fresh] = buckets_.try_emplace(name, Bucket{burst, now, {}});
  Bucket& bucket = it->second;
  if (fresh) {
    bucket.age = by_age_.insert(by_age_.end(), name);
  } else {
    by_age_.splice(by_age_.end(), by_age_, bucket.age);
  }
  const std::chrono::duration<double, std::milli> since = now - bucket.refilled;
  bucket.left = std::min(burst, bucket.left + std::max(since.count(), 0.0) * per_ms);
  bucket.refilled = std::max(bucket.refilled, now);
  if (buckets_.size() > max_names_) {
    buckets_.erase(by_age_.front());
    by_age_.pop_front();
  }
  if (bucket.left < 1) {
    return milliseconds(static_cast<int64_t>(std::ceil((1 - bucket.left) / per_ms)));
  }
  bucket.left -= 1;
  return milliseconds(0);
}

}  // namespace energy::mqtt
