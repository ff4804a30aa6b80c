#include "rules/ticker.h"

#include <pthread.h>

namespace energy::rules {
namespace {

constexpr std::chrono::milliseconds kEvery{200};

}  // namespace

Ticker::Ticker(Engine& engine, RuleService& rules, const base::Clock& clock, Apply apply,
               base::Logger logger)
    : engine_(engine),
      rules_(rules),
      clock_(clock),
      apply_(std::move(apply)),
      logger_(std::move(logger)) {}

Ticker::~Ticker() { Stop(); }

base::Status Ticker::Start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "rules");
    Run();
  });
  return {};
}

void Ticker::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Ticker::Run() {
  std::vector<Transition> transitions;
  bool following = true;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kEvery, [this] { return stopping_; })) {
    lock.unlock();
    const base::Status status = rules_.FollowRegistry();
    if (status.ok() != following) {
      following = status.ok();
      if (!following) {
        logger_->error("rules do not follow the devices at present: {}", status.ToString());
      }
    }
    {
      const auto order = engine_.Order();
      transitions.clear();
      engine_.Tick(clock_.Now(), transitions);
      if (!transitions.empty()) apply_(transitions);
    }
    lock.lock();
  }
}

}  // namespace energy::rules
