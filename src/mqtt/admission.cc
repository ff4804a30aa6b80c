#include "mqtt/admission.h"

#include <algorithm>
#include <cmath>

namespace energy::mqtt {

using std::chrono::milliseconds;

milliseconds Admission::TakeConnect(TimePoint now) {
  if (options_.max_connects_per_second == 0) return milliseconds(0);
  const std::lock_guard lock(mutex_);
  const double rate = options_.max_connects_per_second;
  const std::chrono::duration<double> since = now - refilled_;
  tokens_ = refilled_ == TimePoint{} ? rate : std::min(rate, tokens_ + since.count() * rate);
  refilled_ = now;
  if (tokens_ < 1) return milliseconds(1 + static_cast<int64_t>((1 - tokens_) / rate * 1000));
  tokens_ -= 1;
  return milliseconds(0);
}

Admission::Verdict Admission::Admit(const std::string& address, TimePoint now) {
  const bool too_often = address_connects_.Take(address, now).count() > 0;
  const std::lock_guard lock(mutex_);
  const auto turn_away = [this](Verdict why) {
    if (turned_away_ >= options_.max_turned_away) return Verdict::kCrowded;
    ++turned_away_;
    return why;
  };
  if (too_often) return turn_away(Verdict::kTooOften);
  if (connections_ >= options_.max_connections) return turn_away(Verdict::kFull);
  uint32_t& own = per_address_[address];
  if (options_.max_connections_per_address > 0 && own >= options_.max_connections_per_address) {
    return turn_away(Verdict::kAddressFull);
  }
  ++own;
  ++connections_;
  return Verdict::kAdmitted;
}

void Admission::Release(const std::string& address, Verdict verdict) {
  if (verdict == Verdict::kCrowded) return;
  const std::lock_guard lock(mutex_);
  if (verdict != Verdict::kAdmitted) {
    --turned_away_;
    return;
  }
  const auto found = per_address_.find(address);
  if (found == per_address_.end()) return;
  --connections_;
  if (--found->second == 0) per_address_.erase(found);
}

size_t Admission::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

milliseconds Admission::TakeClientConnect(std::string_view user, std::string_view client_id,
                                          TimePoint now) {
  if (options_.max_connects_per_minute_per_client == 0) return milliseconds(0);
  // With the user, so that nobody uses up the connects of another one's client.
  std::string name(user);
  name += '\0';
  name += client_id;
  return std::min<milliseconds>(client_connects_.Take(name, now), options_.longest_delay);
}

milliseconds Admission::LoginFailed(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Forget(now);
  auto [it, fresh] = failures_.try_emplace(address);
  Failures& failures = it->second;
  if (fresh) {
    failures.age = by_age_.insert(by_age_.end(), address);
  } else {
    by_age_.splice(by_age_.end(), by_age_, failures.age);
  }
  failures.last = now;
  const uint32_t count = ++failures.count;
  if (failures_.size() > options_.max_addresses) {
    failures_.erase(by_age_.front());
    by_age_.pop_front();
  }
  if (count <= options_.free_login_failures) return milliseconds(0);
  const uint32_t doublings = std::min(count - options_.free_login_failures - 1, 20U);
  return std::min<milliseconds>(std::chrono::seconds(1) * (1U << doublings),
                                options_.longest_delay);
}

void Admission::LoginSucceeded(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(address);
  if (found == failures_.end()) return;
  by_age_.erase(found->second.age);
  failures_.erase(found);
}

void Admission::Forget(TimePoint now) {
  while (!by_age_.empty()) {
    const auto oldest = failures_.find(by_age_.front());
    if (now - oldest->second.last < options_.forget_after) return;
    failures_.erase(oldest);
    by_age_.pop_front();
  }
}

PublishRate::PublishRate(uint32_t messages_per_second, uint64_t bytes_per_second, TimePoint now)
    : messages_{static_cast<double>(messages_per_second), static_cast<double>(messages_per_second)},
      bytes_{static_cast<double>(bytes_per_second), static_cast<double>(bytes_per_second)},
      refilled_(now) {}

void PublishRate::Take(uint64_t messages, uint64_t bytes) {
  messages_.left -= static_cast<double>(messages);
  bytes_.left -= static_cast<double>(bytes);
}

bool PublishRate::Blocked(TimePoint now) {
  // Threads may disagree a little about now.
  const std::chrono::duration<double> since = std::max(now - refilled_, TimePoint::duration{});
  refilled_ = std::max(refilled_, now);
  bool blocked = false;
  for (Bucket* bucket : {&messages_, &bytes_}) {
    if (bucket->rate == 0) continue;
    bucket->left = std::min(bucket->rate, bucket->left + since.count() * bucket->rate);
    blocked = blocked || bucket->left <= 0;
  }
  return blocked;
}

}  // namespace energy::mqtt
