#include "base/repeater.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace energy::base {

Repeater::Repeater(std::string name, std::chrono::milliseconds interval,
                   std::function<Status()> work, std::string failing, Logger logger)
    : name_(std::move(name)),
      interval_(interval),
      work_(std::move(work)),
      failing_(std::move(failing)),
      logger_(std::move(logger)) {}

Repeater::~Repeater() { Stop(); }

Status Repeater::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return {};
}

void Repeater::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Repeater::Run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), name_.c_str());
  std::mutex mutex;
  std::condition_variable_any wake;
  bool failing = false;
  while (true) {
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, interval_, [] { return false; });
    }
    if (stop.stop_requested()) return;
    const Status status = work_();
    if (!status.ok() && !failing) logger_->error("{}: {}", failing_, status.ToString());
    failing = !status.ok();
  }
}

}  // namespace energy::base
