#include "mqtt/stream.h"

#include <array>

#include <boost/asio/buffer.hpp>

namespace energy::mqtt {

using boost::asio::ip::tcp;

Stream::Stream(tcp::socket socket, Transport transport, std::shared_ptr<const TlsContext> tls)
    : socket_(std::move(socket)), transport_(transport) {
  ErrorCode ignored;
  remote_ = socket_.remote_endpoint(ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  // Finds peers that vanished without a keep-alive of their own.
  socket_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  socket_.non_blocking(true, ignored);
  if (transport == Transport::kTcp) return;
  layers_ = std::make_unique<Layers>();
  if (IsEncrypted(transport)) {
    layers_->tls = std::make_unique<Tls>(std::move(tls), socket_.native_handle());
  }
  if (IsWebSocket(transport)) layers_->web_socket = std::make_unique<WebSocket>();
}

size_t Stream::ReadLower(std::span<char> space, ErrorCode& error) {
  if (layers_ && layers_->tls) return layers_->tls->Read(space, error);
  return socket_.read_some(boost::asio::buffer(space.data(), space.size()), error);
}

size_t Stream::Read(std::span<char> space, ErrorCode& error) {
  const size_t count = ReadLower(space, error);
  if (count == 0 || !layers_ || !layers_->web_socket) return count;
  const std::optional<size_t> decoded = layers_->web_socket->Decode(space.first(count));
  if (!decoded) {
    error = boost::asio::error::eof;
    return 0;
  }
  if (*decoded == 0) error = boost::asio::error::would_block;
  return *decoded;
}

size_t Stream::WriteLower(std::string_view head, std::string_view data, ErrorCode& error) {
  size_t count = 0;
  if (layers_ && layers_->tls) return layers_->tls->Write(head, data, error);
  if (head.empty()) {
    count = socket_.write_some(boost::asio::buffer(data.data(), data.size()), error);
  } else {
    const std::array<boost::asio::const_buffer, 2> parts{
        boost::asio::buffer(head.data(), head.size()),
        boost::asio::buffer(data.data(), data.size())};
    count = socket_.write_some(parts, error);
  }
  if (WouldBlock(error)) error.clear();
  return count;
}

size_t Stream::Write(std::string_view data, ErrorCode& error) {
  if (!layers_ || !layers_->web_socket) return WriteLower({}, data, error);
  WebSocket& web_socket = *layers_->web_socket;
  size_t total = 0;
  while (!error && (total < data.size() || web_socket.unsent())) {
    web_socket.Prepare(data.size() - total);
    const std::string_view head = web_socket.head();
    const std::string_view part = data.substr(total, web_socket.frame_left());
    const size_t count = WriteLower(head, part, error);
    total += web_socket.Written(count);
    if (count < head.size() + part.size()) break;
  }
  return total;
}

// What the layers say before the end, as far as the socket takes it at once.
void Stream::SayGoodbye() {
  if (!layers_) return;
  ErrorCode ignored;
  if (layers_->web_socket) {
    layers_->web_socket->Close();
    if (layers_->web_socket->frame_left() == 0) Write({}, ignored);
  }
  if (layers_->tls) layers_->tls->Shutdown();
}

void Stream::ShutdownSend() {
  SayGoodbye();
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Stream::Close() {
  SayGoodbye();
  ErrorCode ignored;
  socket_.close(ignored);
}

std::string Stream::CertificateUser() const {
  return layers_ && layers_->tls ? layers_->tls->CertificateUser() : std::string();
}

std::string_view Stream::problem() const {
  if (!layers_) return {};
  if (layers_->tls && !layers_->tls->problem().empty()) return layers_->tls->problem();
  return layers_->web_socket ? layers_->web_socket->problem() : std::string_view();
}

std::string Stream::RemoteAddress() const {
  const std::string port = std::to_string(remote_.port());
  return remote_.address().is_v6() ? "[" + RemoteHost() + "]:" + port : RemoteHost() + ":" + port;
}

bool Stream::WouldBlock(const ErrorCode& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace energy::mqtt
