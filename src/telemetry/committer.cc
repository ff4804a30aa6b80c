#include "telemetry/committer.h"

#include <pthread.h>

#include <algorithm>

namespace energy::telemetry {
namespace {

// Submissions kept for reuse: with many connections each brings a small one of its own.
constexpr size_t kFreeSubmissions = 1024;
// A submission that once held a huge batch is not kept.
constexpr size_t kReusableBytes = 1 << 20;
// Requests that may wait for room at the same time.
constexpr size_t kMostWaiting = 1024;

void AppendTo(Readings& all, const Readings& part) {
  const auto offset = static_cast<uint32_t>(all.values.size());
  const size_t first = all.rows.size();
  all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
  for (size_t i = first; i < all.rows.size(); ++i) all.rows[i].first += offset;
  all.fields.insert(all.fields.end(), part.fields.begin(), part.fields.end());
  all.values.insert(all.values.end(), part.values.begin(), part.values.end());
  for (const Readings::Sequence& sequence : part.sequences) {
    all.sequences.push_back({static_cast<uint32_t>(first) + sequence.row, sequence.number});
  }
}

}  // namespace

void Submission::Clear() {
  readings.Clear();
  acks.clear();
  done = nullptr;
}

Committer::Committer(CommitterOptions options, series::Store& store, Feed& feed,
                     const base::Clock& clock, base::Logger logger, base::Metrics& metrics)
    : options_(options),
      store_(store),
      feed_(feed),
      clock_(clock),
      logger_(std::move(logger)),
      commits_(metrics.Counter("telemetry_commits_total", "Group commits of the telemetry store.")),
      commit_seconds_(metrics.Histogram("telemetry_commit_duration_seconds",
                                        "Time of one group commit, fsync included.",
                                        base::LatencySecondsBounds())) {}

Committer::~Committer() { Stop(); }

void Committer::Connect(AcknowledgeFn acknowledge, std::function<void()> resume_intake) {
  acknowledge_ = std::move(acknowledge);
  resume_intake_ = std::move(resume_intake);
}

base::Status Committer::Start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "committer");
    Run();
  });
  return {};
}

void Committer::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<Submission> Committer::NewSubmission() {
  std::lock_guard lock(mutex_);
  if (free_.empty()) return std::make_unique<Submission>();
  auto submission = std::move(free_.back());
  free_.pop_back();
  return submission;
}

void Committer::Submit(std::unique_ptr<Submission> submission) {
  {
    std::lock_guard lock(mutex_);
    queued_bytes_ += submission->readings.bytes();
    if (queued_bytes_ > options_.queue_bytes) saturated_.store(true, std::memory_order_relaxed);
    queue_.push_back(std::move(submission));
  }
  wake_.notify_one();
}

void Committer::WhenReady(std::chrono::milliseconds patience,
                          std::function<void(const base::Status&)> ready) {
  base::Status status;
  {
    std::lock_guard lock(mutex_);
    if (saturated_ && !stopping_ && waiting_.size() < kMostWaiting) {
      waiting_.push_back({clock_.Steady() + patience, std::move(ready)});
      return;
    }
    if (saturated_) status = base::Unavailable("too many writes wait already: try again later");
  }
  ready(status);
}

void Committer::TellWaiting(bool has_room) {
  std::vector<Waiting> told;
  {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    has_room = has_room && !stopping_;  // what came now would not be committed any more
    const auto now = clock_.Steady();
    const auto stay = std::partition(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
      return has_room || stopping_ || one.until <= now;
    });
    std::move(waiting_.begin(), stay, std::back_inserter(told));
    waiting_.erase(waiting_.begin(), stay);
  }
  const base::Status status =
      has_room ? base::Status()
               : base::Unavailable("the store cannot take more readings now: try again later");
  for (const Waiting& one : told) one.ready(status);
}

base::Status Committer::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void Committer::SetHealth(base::Status status) {
  std::lock_guard lock(mutex_);
  health_ = std::move(status);
}

void Committer::Run() {
  Group group;
  while (TakeGroup(group)) {
    Commit(group);
    Recycle(group);
  }
  TellWaiting(false);
}

bool Committer::TakeGroup(Group& group) {
  bool resume = false;
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    if (queue_.empty()) return false;
    size_t readings = 0;
    size_t taken = 0;
    while (taken < queue_.size() && (taken == 0 || readings < options_.group_readings)) {
      readings += queue_[taken]->readings.rows.size();
      queued_bytes_ -= queue_[taken]->readings.bytes();
      ++taken;
    }
    std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken),
              std::back_inserter(group));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (saturated_ && queued_bytes_ <= options_.queue_bytes / 2) {
      saturated_.store(false, std::memory_order_relaxed);
      resume = true;
    }
  }
  if (resume) {
    resume_intake_();
    TellWaiting(true);
  }
  return true;
}

void Committer::Commit(Group& group) {
  auto batch = std::make_shared<CommittedBatch>();
  if (group.size() == 1) {
    batch->readings = std::move(group.front()->readings);
  } else {
    size_t rows = 0;
    size_t values = 0;
    for (const auto& submission : group) {
      rows += submission->readings.rows.size();
      values += submission->readings.values.size();
    }
    batch->readings.rows.reserve(rows);
    batch->readings.fields.reserve(values);
    batch->readings.values.reserve(values);
    for (const auto& submission : group) AppendTo(batch->readings, submission->readings);
  }

  const auto before = clock_.Steady();
  const base::Status status = AppendUntilDurable(batch->readings);
  commit_seconds_.Observe(std::chrono::duration<double>(clock_.Steady() - before).count());
  commits_.Increment();

  if (status.ok()) {
    acks_.clear();
    for (const auto& submission : group) {
      acks_.insert(acks_.end(), submission->acks.begin(), submission->acks.end());
    }
    if (!acks_.empty()) acknowledge_(acks_, mqtt::PublishResult::kSuccess);
    committed_.fetch_add(batch->readings.rows.size(), std::memory_order_relaxed);
    batch->committed_at = clock_.Now();
    feed_.Publish(batch);
  }
  for (const auto& submission : group) {
    if (submission->done) submission->done(status);
  }
}

base::Status Committer::AppendUntilDurable(const series::Batch& batch) {
  base::Status status = store_.Append(batch);
  if (status.ok()) return status;
  logger_->error("the telemetry store cannot write, nothing is acknowledged: {}",
                 status.ToString());
  while (!status.ok()) {
    SetHealth(status);
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, options_.retry_every, [this] { return stopping_; })) return status;
    }
    TellWaiting(false);
    status = store_.Probe();
    if (status.ok()) status = store_.Append(batch);
  }
  SetHealth({});
  logger_->info("the telemetry store writes again");
  return status;
}

void Committer::Recycle(Group& group) {
  std::lock_guard lock(mutex_);
  for (auto& submission : group) {
    if (free_.size() >= kFreeSubmissions || submission->readings.bytes() > kReusableBytes) continue;
    submission->Clear();
    free_.push_back(std::move(submission));
  }
  group.clear();
}

}  // namespace energy::telemetry
