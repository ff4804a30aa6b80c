#pragma once

#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/service.h"

namespace energy::base {

/// The program's event loops: `count` threads with one io_context each. A connection is given to
/// one loop and stays there, so its state needs no lock.
///
/// Threads: context(i) may be used from anywhere as Asio allows; handlers of loop i run on thread
/// i.
class IoThreads final : public Service {
 public:
  /// `count` >= 1.
  explicit IoThreads(unsigned count);
  ~IoThreads() override;

  std::string_view name() const override { return "io"; }
  Status Start() override;
  /// Stops the loops; handlers not yet run are dropped. Listeners and connections stop before.
  void Stop() override;

  unsigned count() const { return static_cast<unsigned>(loops_.size()); }
  boost::asio::io_context& context(unsigned index) { return loops_[index]->context; }

 private:
  struct Loop {
    // The concurrency hint 1 lets Asio skip locks that only several threads on one loop need.
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        context.get_executor()};
    std::jthread thread;
  };
  std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace energy::base
