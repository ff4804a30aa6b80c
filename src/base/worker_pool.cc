#include "base/worker_pool.h"

#include <pthread.h>

namespace energy::base {

WorkerPool::WorkerPool(std::string name, unsigned threads, size_t queue_limit)
    : name_(std::move(name)), thread_count_(threads), queue_limit_(queue_limit) {}

WorkerPool::~WorkerPool() { Stop(); }

Status WorkerPool::Start() {
  for (unsigned i = 0; i < thread_count_; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) {
      pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
      Run(stop);
    });
  }
  return {};
}

void WorkerPool::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (auto& thread : threads_) thread.request_stop();
  ready_.notify_all();
  threads_.clear();
}

bool WorkerPool::Submit(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(task));
  }
  ready_.notify_one();
  return true;
}

void WorkerPool::Run(const std::stop_token& stop) {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      if (!ready_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace energy::base
