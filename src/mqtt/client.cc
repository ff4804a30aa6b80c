#include "mqtt/client.h"

#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "mqtt/client_core.h"

namespace energy::mqtt {
namespace {

// Waits for the callback of an asynchronous operation.
base::Status Wait(const std::function<void(Client::Done)>& start) {
  auto promise = std::make_shared<std::promise<base::Status>>();
  auto future = promise->get_future();
  start([promise](const base::Status& status) { promise->set_value(status); });
  return future.get();
}

}  // namespace

struct Client::Loop {
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  std::jthread thread{[this] { io.run(); }};

  ~Loop() {
    work.reset();
    io.stop();
  }
};

Client::Client(ClientOptions options)
    : loop_(std::make_unique<Loop>()),
      core_(std::make_shared<ClientCore>(std::move(options), loop_->io)) {}

Client::Client(ClientOptions options, boost::asio::io_context& io)
    : core_(std::make_shared<ClientCore>(std::move(options), io)) {}

Client::~Client() {
  if (!loop_) {
    core_->Close({});
    return;
  }
  std::promise<void> closed;
  core_->Close([&closed] { closed.set_value(); });
  closed.get_future().wait();
  loop_->io.stop();
  loop_->thread.join();
  core_.reset();
}

void Client::OnMessage(std::function<void(const ClientMessage&)> callback) {
  core_->SetOnMessage(std::move(callback));
}

void Client::OnConnection(std::function<void(bool, const base::Status&)> callback) {
  core_->SetOnConnection(std::move(callback));
}

base::Status Client::Connect(const std::string& host, uint16_t port) {
  return Wait([&](Done done) { core_->Connect(host, port, std::move(done)); });
}

void Client::StartConnect(const std::string& host, uint16_t port, Done done) {
  core_->Connect(host, port, std::move(done));
}

base::Status Client::Publish(std::string_view topic, std::string_view payload, uint8_t qos,
                             Done done) {
  return core_->Publish(topic, payload, qos, std::move(done));
}

base::Status Client::Subscribe(const std::string& filter, uint8_t qos) {
  return Wait([&](Done done) { core_->Subscribe(filter, qos, std::move(done)); });
}

void Client::StartSubscribe(const std::string& filter, uint8_t qos, Done done) {
  core_->Subscribe(filter, qos, std::move(done));
}

base::Status Client::Unsubscribe(const std::string& filter) {
  return Wait([&](Done done) { core_->Unsubscribe(filter, std::move(done)); });
}

base::Status Client::Flush(std::chrono::milliseconds timeout) { return core_->Flush(timeout); }

base::Status Client::Disconnect(std::chrono::milliseconds timeout) {
  const base::Status flushed = core_->Flush(timeout);
  auto promise = std::make_shared<std::promise<void>>();
  core_->Close([promise] { promise->set_value(); });
  promise->get_future().wait();
  return flushed;
}

ClientStats Client::stats() const { return core_->stats(); }

}  // namespace energy::mqtt
