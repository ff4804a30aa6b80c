#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mqtt/broker_state.h"

namespace energy::mqtt {

/// Publishes the broker's numbers below $SYS/broker, under the names that Mosquitto gives them, and
/// keeps them as retained messages for those who subscribe later.
///
/// Threads: its own methods as said; the timer runs on the I/O thread.
class SysTopics : public std::enable_shared_from_this<SysTopics> {
 public:
  SysTopics(Broker& broker, std::shared_ptr<BrokerState> state, boost::asio::io_context& context);

  // Any thread.
  void Start();
  void Stop();

 private:
  void Arm();
  void PublishAll();
  void Publish(std::string_view name, const std::string& value);

  Broker& broker_;
  const std::shared_ptr<BrokerState> state_;
  boost::asio::io_context& context_;
  const std::chrono::steady_clock::time_point started_;
  std::unique_ptr<boost::asio::steady_timer> timer_;  // none once stopped
};

}  // namespace energy::mqtt
