#pragma once

#include <memory>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mqtt/worker.h"

namespace energy::mqtt {

/// Accepts sockets on one I/O thread and deals them out to the workers in turn.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(boost::asio::io_context& context, std::shared_ptr<BrokerState> state,
           std::vector<std::shared_ptr<Worker>> workers, Transport transport);

  /// Binds and listens. Errors: see Broker::Start.
  base::Status Open(uint16_t port);
  void Start();
  /// Any thread.
  void Close();
  uint16_t port() const { return port_; }
  Transport transport() const { return transport_; }

 private:
  void Accept();
  void AcceptAfter(std::chrono::milliseconds wait);
  void Take(boost::asio::ip::tcp::socket socket, const std::shared_ptr<Worker>& worker);
  void WatchTlsFiles();
  void OnAccept(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket,
                const std::shared_ptr<Worker>& worker);

  boost::asio::io_context& context_;
  const std::shared_ptr<BrokerState> state_;
  const std::vector<std::shared_ptr<Worker>> workers_;
  const Transport transport_;
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  std::unique_ptr<boost::asio::steady_timer> retry_timer_;
  std::unique_ptr<boost::asio::steady_timer> tls_timer_;
  size_t next_worker_ = 0;
  uint16_t port_ = 0;
};

}  // namespace energy::mqtt
