#include "telemetry/dead_letter_writer.h"

#include <pthread.h>

namespace energy::telemetry {
namespace {

constexpr std::chrono::milliseconds kRetryEvery{500};

size_t Bytes(const DeadLetter& letter) {
  return letter.payload.size() + letter.topic.size() + letter.detail.size() + sizeof(DeadLetter);
}

}  // namespace

DeadLetterWriter::DeadLetterWriter(DeadLetterRepository& repository, size_t queue_bytes,
                                   base::Logger logger, base::Metrics& metrics)
    : repository_(repository),
      queue_bytes_(queue_bytes),
      logger_(std::move(logger)),
      metrics_(metrics) {}

DeadLetterWriter::~DeadLetterWriter() { Stop(); }

void DeadLetterWriter::Connect(Acknowledge acknowledge, std::function<void()> resume_intake) {
  acknowledge_ = std::move(acknowledge);
  resume_intake_ = std::move(resume_intake);
}

void DeadLetterWriter::OnWritten(std::function<void(const std::vector<DeadLetter>&)> written) {
  told_ = std::move(written);
}

base::Status DeadLetterWriter::Start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "dead-letters");
    Run();
  });
  return {};
}

void DeadLetterWriter::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DeadLetterWriter::Submit(std::vector<DeadLetter>& letters, std::vector<mqtt::AckToken>& acks,
                              Done done) {
  {
    std::lock_guard lock(mutex_);
    for (DeadLetter& letter : letters) {
      queued_bytes_ += Bytes(letter);
      letters_.push_back(std::move(letter));
    }
    acks_.insert(acks_.end(), acks.begin(), acks.end());
    if (done) done_.push_back(std::move(done));
    if (queued_bytes_ > queue_bytes_) saturated_.store(true, std::memory_order_relaxed);
  }
  letters.clear();
  acks.clear();
  wake_.notify_one();
}

base::Status DeadLetterWriter::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void DeadLetterWriter::Run() {
  std::vector<DeadLetter> letters;
  std::vector<mqtt::AckToken> acks;
  std::vector<Done> done;
  while (true) {
    letters.clear();
    acks.clear();
    done.clear();
    bool resume = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !letters_.empty() || stopping_; });
      if (letters_.empty()) return;
      letters.swap(letters_);
      acks.swap(acks_);
      done.swap(done_);
      queued_bytes_ = 0;
      resume = saturated_.exchange(false, std::memory_order_relaxed);
    }
    const base::Status status = WriteUntilDurable(letters);
    if (!status.ok()) {
      for (const Done& one : done) one(status);
      return;
    }
    for (const DeadLetter& letter : letters) {
      written_.fetch_add(letter.readings, std::memory_order_relaxed);
    }
    if (!acks.empty()) acknowledge_(acks, mqtt::PublishResult::kSuccess);
    for (const Done& one : done) one(status);
    if (resume) resume_intake_();
    for (const DeadLetter& letter : letters) {
      metrics_
          .Counter("telemetry_rejected_total", "Readings that became dead letters.",
                   {{"reason", std::string(ReasonName(letter.reason))}})
          .Increment(static_cast<double>(letter.readings));
    }
    told_(letters);
  }
}

base::Status DeadLetterWriter::WriteUntilDurable(const std::vector<DeadLetter>& letters) {
  const std::vector<sql::Params> rows = repository_.ToRows(letters);
  base::Status status = repository_.Add(rows);
  if (!status.ok()) logger_->error("dead letters cannot be written: {}", status.ToString());
  while (!status.ok()) {
    std::unique_lock lock(mutex_);
    health_ = status;
    if (wake_.wait_for(lock, kRetryEvery, [this] { return stopping_; })) return status;
    lock.unlock();
    status = repository_.Add(rows);
  }
  std::lock_guard lock(mutex_);
  health_ = {};
  return {};
}

}  // namespace energy::telemetry
