#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace energy::rules {

/// The readings of a stretch of time that ends at the newest one: count, sum, extremes, oldest,
/// newest, kept as readings come and go.
///
/// Exact as long as no more than one reading arrives in a 1024th of the window; readings that
/// arrive closer than that are kept together, and such a group leaves when its last reading does,
/// so that up to 0.1 % more than the window counts. Memory: at most 180 kB, as much as the readings
/// ask for. Cost: constant on average (a queue of two stacks, no rounding that builds up).
/// Threads: one at a time.
class Window {
 public:
  /// `closed`: a reading exactly `width` before the newest one counts as well.
  Window(std::chrono::nanoseconds width, bool closed);

  /// `time_ns` is not before the last one.
  void Add(int64_t time_ns, double value);

  uint64_t count() const { return front().count + back_.count; }
  double sum() const { return front().sum + back_.sum; }
  /// Of an empty window: infinities.
  double min() const;
  double max() const;
  double oldest() const { return size_ == 0 ? 0 : At(0).first; }
  double newest() const { return newest_; }

 private:
  struct Totals {
    uint64_t count = 0;
    double sum = 0;
    double min = 1.0 / 0.0;
    double max = -1.0 / 0.0;

    void Add(const Totals& other);
  };
  struct Entry {
    int64_t first_ns = 0;
    int64_t last_ns = 0;
    double first = 0;
    Totals own;
    Totals from_here;  // of the front stack: this entry to the end of the stack
  };

  const Entry& At(size_t i) const { return ring_[(head_ + i) & (ring_.size() - 1)]; }
  Entry& At(size_t i) { return ring_[(head_ + i) & (ring_.size() - 1)]; }
  const Totals& front() const { return front_size_ == 0 ? empty_ : At(0).from_here; }
  void Expire(int64_t now_ns);
  void Grow();

  int64_t width_ns_;
  int64_t group_ns_;
  bool closed_;
  std::vector<Entry> ring_;  // its size is a power of two
  size_t head_ = 0;
  size_t size_ = 0;
  size_t front_size_ = 0;  // entries of the front stack; the others are in back_
  Totals back_;
  Totals empty_;
  double newest_ = 0;
};

}  // namespace energy::rules
