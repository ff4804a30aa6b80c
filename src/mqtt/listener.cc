#include "mqtt/listener.h"

#include <boost/asio/ip/address.hpp>

namespace energy::mqtt {
namespace {

constexpr std::chrono::seconds kTlsFilesInterval{2};

}  // namespace

using boost::asio::ip::tcp;
using boost::system::error_code;

Listener::Listener(boost::asio::io_context& context, std::shared_ptr<BrokerState> state,
                   std::vector<std::shared_ptr<Worker>> workers, Transport transport)
    : context_(context),
      state_(std::move(state)),
      workers_(std::move(workers)),
      transport_(transport) {}

base::Status Listener::Open(uint16_t port) {
  const BrokerOptions& options = state_->options;
  error_code error;
  const auto address = boost::asio::ip::make_address(options.address, error);
  if (error) {
    return base::InvalidField("mqtt.address", "'" + options.address +
                                                  "' is not an IP address; use 127.0.0.1 for this "
                                                  "machine or 0.0.0.0 for every interface");
  }
  const tcp::endpoint endpoint(address, port);
  auto acceptor = std::make_unique<tcp::acceptor>(context_);
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) port_ = acceptor->local_endpoint(error).port();
  if (error) {
    return base::Unavailable("MQTT (" + std::string(TransportName(transport_)) +
                             ") cannot listen on " + options.address + ":" + std::to_string(port) +
                             ": " + error.message() +
                             "; stop the program that uses it, or set another address or port");
  }
  acceptor_ = std::move(acceptor);
  retry_timer_ = std::make_unique<boost::asio::steady_timer>(context_);
  if (transport_ == Transport::kTls) {
    tls_timer_ = std::make_unique<boost::asio::steady_timer>(context_);
  }
  return {};
}

void Listener::Start() {
  boost::asio::post(context_, [self = shared_from_this()] {
    self->Accept();
    self->WatchTlsFiles();
  });
}

void Listener::Close() {
  if (context_.stopped()) {
    acceptor_.reset();
    retry_timer_.reset();
    tls_timer_.reset();
    return;
  }
  boost::asio::post(context_, [self = shared_from_this()] {
    self->acceptor_.reset();
    self->retry_timer_.reset();
    self->tls_timer_.reset();
  });
}

void Listener::WatchTlsFiles() {
  if (!tls_timer_) return;
  tls_timer_->expires_after(kTlsFilesInterval);
  tls_timer_->async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || !self->tls_timer_) return;
    self->state_->tls.Refresh();
    self->WatchTlsFiles();
  });
}

void Listener::Accept() {
  if (!acceptor_) return;
  const auto wait = state_->admission.TakeConnect(std::chrono::steady_clock::now());
  if (wait.count() > 0) return AcceptAfter(wait);
  const std::shared_ptr<Worker>& worker = workers_[next_worker_++ % workers_.size()];
  acceptor_->async_accept(worker->context(), [self = shared_from_this(), worker](
                                                 const error_code& error, tcp::socket socket) {
    self->OnAccept(error, std::move(socket), worker);
  });
}

void Listener::OnAccept(const error_code& error, tcp::socket socket,
                        const std::shared_ptr<Worker>& worker) {
  if (!acceptor_) return;
  if (error) {
    // Mostly "too many open files". Accepting again at once would only spin.
    state_->logger->warn("cannot accept a connection: {}", error.message());
    return AcceptAfter(std::chrono::milliseconds(100));
  }
  Take(std::move(socket), worker);
  Accept();
}

void Listener::Take(tcp::socket socket, const std::shared_ptr<Worker>& worker) {
  Stream stream(std::move(socket), transport_, state_->tls.current());
  const Admission::Verdict verdict =
      state_->admission.Admit(stream.RemoteHost(), state_->clock.Steady());
  if (verdict != Admission::Verdict::kCrowded) return worker->Adopt(std::move(stream), verdict);
  state_->metrics.server_full.Increment();
  state_->errors.Add({state_->clock.Now(), "", "", stream.RemoteAddress(), transport_,
                      "the limits of connections are reached, and too many are being told so"});
  stream.Close();
}

void Listener::AcceptAfter(std::chrono::milliseconds wait) {
  retry_timer_->expires_after(wait);
  retry_timer_->async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->Accept();
  });
}

}  // namespace energy::mqtt
