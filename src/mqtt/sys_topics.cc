#include "mqtt/sys_topics.h"

#include <string>

#include <boost/asio/post.hpp>

namespace energy::mqtt {

SysTopics::SysTopics(Broker& broker, std::shared_ptr<BrokerState> state,
                     boost::asio::io_context& context)
    : broker_(broker),
      state_(std::move(state)),
      context_(context),
      started_(state_->clock.Steady()),
      timer_(std::make_unique<boost::asio::steady_timer>(context)) {}

void SysTopics::Start() {
  boost::asio::post(context_, [self = shared_from_this()] { self->Arm(); });
}

void SysTopics::Stop() {
  if (context_.stopped()) {
    timer_.reset();
    return;
  }
  boost::asio::post(context_, [self = shared_from_this()] { self->timer_.reset(); });
}

void SysTopics::Arm() {
  if (!timer_) return;
  timer_->expires_after(state_->options.sys_interval);
  timer_->async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (cancelled || !self->timer_) return;
    self->PublishAll();
    self->Arm();
  });
}

void SysTopics::PublishAll() {
  const BrokerStats stats = broker_.stats();
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(state_->clock.Steady() - started_);
  Publish("version", "energy-platform " + state_->options.version);
  Publish("uptime", std::to_string(uptime.count()) + " seconds");
  Publish("clients/connected", std::to_string(stats.connections));
  Publish("clients/total", std::to_string(stats.clients));
  Publish("publish/messages/received", std::to_string(stats.publishes_received));
  Publish("publish/messages/sent", std::to_string(stats.publishes_sent));
  Publish("publish/messages/dropped", std::to_string(stats.messages_dropped));
  Publish("bytes/received", std::to_string(stats.bytes_received));
  Publish("bytes/sent", std::to_string(stats.bytes_sent));
  Publish("retained messages/count", std::to_string(stats.retained_messages));
  Publish("subscriptions/count", std::to_string(stats.subscriptions));
}

void SysTopics::Publish(std::string_view name, const std::string& value) {
  const std::string topic = "$SYS/broker/" + std::string(name);
  // Neither can fail for a reason that matters: the topics are valid, the values small, and a full
  // store of retained messages only means that new subscribers wait for the next turn.
  const auto now = state_->clock.Steady();
  state_->retained.Set(
      std::make_shared<const Message>(topic, value, std::string_view(), std::nullopt, now), now);
  static_cast<void>(broker_.Publish(topic, value, 0));
}

}  // namespace energy::mqtt
