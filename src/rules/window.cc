#include "rules/window.h"

#include <algorithm>

namespace energy::rules {
namespace {

constexpr int64_t kGroups = 1024;
constexpr size_t kFirstSize = 16;

}  // namespace

Window::Window(std::chrono::nanoseconds width, bool closed)
    : width_ns_(width.count()), group_ns_(width.count() / kGroups), closed_(closed) {}

void Window::Totals::Add(const Totals& other) {
  count += other.count;
  sum += other.sum;
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

double Window::min() const { return std::min(front().min, back_.min); }
double Window::max() const { return std::max(front().max, back_.max); }

void Window::Grow() {
  std::vector<Entry> larger(ring_.empty() ? kFirstSize : ring_.size() * 2);
  for (size_t i = 0; i < size_; ++i) larger[i] = At(i);
  ring_ = std::move(larger);
  head_ = 0;
}

void Window::Add(int64_t time_ns, double value) {
  Expire(time_ns);
  newest_ = value;
  const Totals one{1, value, value, value};
  if (size_ > front_size_) {
    Entry& last = At(size_ - 1);
    if (time_ns - last.first_ns < group_ns_) {
      last.last_ns = time_ns;
      last.own.Add(one);
      back_.Add(one);
      return;
    }
  }
  if (size_ == ring_.size()) Grow();
  ++size_;
  At(size_ - 1) = {time_ns, time_ns, value, one, {}};
  back_.Add(one);
}

void Window::Expire(int64_t now_ns) {
  const int64_t limit = now_ns - width_ns_;
  while (size_ > 0) {
    const int64_t last = At(0).last_ns;
    if (closed_ ? last >= limit : last > limit) return;
    if (front_size_ == 0) {
      Totals totals;
      for (size_t i = size_; i-- > 0;) {
        totals.Add(At(i).own);
        At(i).from_here = totals;
      }
      front_size_ = size_;
      back_ = {};
    }
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
    --front_size_;
  }
}

}  // namespace energy::rules
