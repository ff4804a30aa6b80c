#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "mqtt/tls.h"
#include "mqtt/transport.h"
#include "mqtt/websocket.h"

namespace energy::mqtt {

/// The bytes of one client, whatever carries them: Connection does not know the transport.
///
/// Cost: plain TCP pays one branch a call and one pointer a connection for the others.
///
/// Threads: one I/O thread.
class Stream {
 public:
  using ErrorCode = boost::system::error_code;

  /// `tls`: needed for the transports that are encrypted.
  Stream(boost::asio::ip::tcp::socket socket, Transport transport,
         std::shared_ptr<const TlsContext> tls);

  /// Reads what is there, at most `space`. 0 with `error`: would_block (see WouldBlock), or the
  /// stream ended.
  size_t Read(std::span<char> space, ErrorCode& error);

  /// Writes as much as the transport takes now. Less than `data` when it would block; `error` when
  /// the stream ended. What was not taken must be the beginning of the next call's `data`.
  size_t Write(std::string_view data, ErrorCode& error);

  /// The transport itself has something to write (an answer to a ping, say): call Write, with empty
  /// data if there is none.
  bool unsent() const { return layers_ && layers_->web_socket && layers_->web_socket->unsent(); }

  /// Calls `handler(error)` once Read may have something.
  template <class Handler>
  void WaitReadable(Handler handler) {
    if (layers_ && layers_->tls) {
      if (layers_->tls->pending()) {
        boost::asio::post(socket_.get_executor(),
                          [handler = std::move(handler)] { handler(ErrorCode()); });
        return;
      }
      if (layers_->tls->read_wants_write()) return Wait(Socket::wait_write, std::move(handler));
    }
    Wait(Socket::wait_read, std::move(handler));
  }
  /// Calls `handler(error)` once Write may go on.
  template <class Handler>
  void WaitWritable(Handler handler) {
    const bool reads = layers_ && layers_->tls && layers_->tls->write_wants_read();
    Wait(reads ? Socket::wait_read : Socket::wait_write, std::move(handler));
  }

  /// Nothing will be written any more. The peer reads what was written, then the end.
  void ShutdownSend();
  void Close();

  Transport transport() const { return transport_; }
  /// "192.0.2.7:50123", "[2001:db8::1]:50123"
  std::string RemoteAddress() const;
  /// The same without the port and brackets.
  std::string RemoteHost() const { return remote_.address().to_string(); }
  /// The user name that the client's certificate stands for; empty when it stands for none.
  std::string CertificateUser() const;
  /// What ended the stream, when that was neither side's wish; else empty.
  std::string_view problem() const;

  static bool WouldBlock(const ErrorCode& error);

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Layers {
    std::unique_ptr<Tls> tls;
    std::unique_ptr<WebSocket> web_socket;
  };

  template <class Handler>
  void Wait(Socket::wait_type type, Handler handler) {
    socket_.async_wait(type, std::move(handler));
  }
  size_t ReadLower(std::span<char> space, ErrorCode& error);
  size_t WriteLower(std::string_view head, std::string_view data, ErrorCode& error);
  void SayGoodbye();

  Socket socket_;
  boost::asio::ip::tcp::endpoint remote_;
  std::unique_ptr<Layers> layers_;
  Transport transport_;
};

}  // namespace energy::mqtt
