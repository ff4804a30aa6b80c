#include "base/io_threads.h"

#include <pthread.h>

#include <string>

namespace energy::base {

IoThreads::IoThreads(unsigned count) {
  for (unsigned i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
}

IoThreads::~IoThreads() { Stop(); }

Status IoThreads::Start() {
  for (size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->thread = std::jthread([loop = loops_[i].get(), i] {
      pthread_setname_np(pthread_self(), ("io-" + std::to_string(i)).c_str());
      loop->context.run();
    });
  }
  return {};
}

void IoThreads::Stop() {
  for (auto& loop : loops_) {
    loop->work.reset();
    loop->context.stop();
  }
  for (auto& loop : loops_) {
    if (loop->thread.joinable()) loop->thread.join();
  }
}

}  // namespace energy::base
