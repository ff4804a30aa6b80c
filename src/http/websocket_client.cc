#include "http/websocket_client.h"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/client_socket.h"

namespace energy::http {
namespace beast = boost::beast;
namespace {

base::Status Refusal(const Response& answer) {
  const std::string message = "the server refused the WebSocket with " +
                              std::to_string(answer.status) + ": " + answer.body.substr(0, 200);
  switch (answer.status) {
    case 401:
      return base::Unauthenticated(message);
    case 403:
      return base::PermissionDenied(message);
    case 404:
      return base::NotFound(message);
    case 429:
      return base::RateLimited(message);
    default:
      return base::Unavailable(message);
  }
}

}  // namespace

struct WebSocketClient::Impl {
  using Stream = beast::websocket::stream<Socket, false>;

  void StartRead();
  base::Status Write(std::string_view data, bool text);
  void Ended();

  asio::io_context io{1};
  Stream stream{io};
  Milliseconds timeout{};
  beast::flat_buffer buffer;
  bool reading = false;  // an async_read is under way
  bool read_done = false;
  Error read_error;
  std::string subprotocol;
  uint16_t close_code = 0;
  std::string close_reason;
  uint64_t pings = 0;

  // Its handlers refer to the members above, so they go first.
  ~Impl() {
    Error ignored;
    stream.next_layer().close(ignored);
    io.restart();
    io.poll();
  }
};

void WebSocketClient::Impl::StartRead() {
  if (reading || close_code != 0) return;
  reading = true;
  read_done = false;
  buffer.clear();
  stream.async_read(buffer, [this](Error error, size_t) {
    read_error = error;
    read_done = true;
  });
}

void WebSocketClient::Impl::Ended() {
  const auto& reason = stream.reason();
  close_code = reason.code == 0 ? uint16_t{1006} : static_cast<uint16_t>(reason.code);
  close_reason.assign(reason.reason.data(), reason.reason.size());
}

base::Status WebSocketClient::Impl::Write(std::string_view data, bool text) {
  if (close_code != 0) return base::NotFound("the WebSocket is closed");
  stream.binary(!text);
  const Error error = Await(io, stream.next_layer(), After(timeout), [&](auto handler) {
    stream.async_write(asio::buffer(data.data(), data.size()), handler);
  });
  return error ? base::Unavailable("cannot send: " + error.message()) : base::Status();
}

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketClient::~WebSocketClient() = default;
WebSocketClient::WebSocketClient(WebSocketClient&&) noexcept = default;
WebSocketClient& WebSocketClient::operator=(WebSocketClient&&) noexcept = default;

base::Result<WebSocketClient> WebSocketClient::Connect(const WebSocketOptions& options,
                                                       Response* answer) {
  auto impl = std::make_unique<Impl>();
  impl->timeout = options.timeout;
  const Deadline deadline = After(options.timeout);
  Error error =
      ConnectSocket(impl->io, impl->stream.next_layer(), options.host, options.port, deadline);
  if (error) return Failed(options.host, options.port, error);
  std::string offered;
  for (const auto& subprotocol : options.subprotocols) {
    if (!offered.empty()) offered += ", ";
    offered += subprotocol;
  }
  impl->stream.set_option(
      beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
        if (!offered.empty()) {
          request.set(beast::http::field::sec_websocket_protocol, offered);
        }
        for (const auto& [name, value] : options.headers) request.set(name, value);
      }));
  impl->stream.control_callback(
      [state = impl.get()](beast::websocket::frame_type kind, beast::string_view) {
        if (kind == beast::websocket::frame_type::ping) ++state->pings;
      });
  impl->stream.read_message_max(kMaxAnswerBytes);
  impl->stream.auto_fragment(false);
  beast::websocket::response_type message;
  error = Await(impl->io, impl->stream.next_layer(), deadline, [&](auto handler) {
    impl->stream.async_handshake(message, HostHeader(options.host, options.port), options.target,
                                 handler);
  });
  const auto chosen = message[beast::http::field::sec_websocket_protocol];
  impl->subprotocol.assign(chosen.data(), chosen.size());
  const Response response = FromMessage(message);
  if (answer != nullptr) *answer = response;
  if (error == beast::websocket::error::upgrade_declined) return Refusal(response);
  if (error) return Failed(options.host, options.port, error);
  return WebSocketClient(std::move(impl));
}

const std::string& WebSocketClient::subprotocol() const { return impl_->subprotocol; }
uint16_t WebSocketClient::close_code() const { return impl_->close_code; }
const std::string& WebSocketClient::close_reason() const { return impl_->close_reason; }
uint64_t WebSocketClient::pings() const { return impl_->pings; }

base::Result<std::string> WebSocketClient::Receive(Milliseconds timeout) {
  Impl& impl = *impl_;
  impl.StartRead();
  if (!impl.reading) return base::NotFound("the WebSocket is closed");
  if (!RunUntil(impl.io, impl.read_done, After(timeout))) {
    return base::Unavailable("no message within " + std::to_string(timeout.count()) + " ms");
  }
  impl.reading = false;
  if (impl.read_error) {
    impl.Ended();
    return base::NotFound("the WebSocket is closed: " + impl.read_error.message());
  }
  return beast::buffers_to_string(impl.buffer.data());
}

base::Status WebSocketClient::Send(std::string_view text) { return impl_->Write(text, true); }
base::Status WebSocketClient::SendBinary(std::string_view data) {
  return impl_->Write(data, false);
}

void WebSocketClient::Close(uint16_t code, std::string_view reason) {
  Impl& impl = *impl_;
  if (impl.close_code != 0) return;
  const beast::websocket::close_reason close(
      static_cast<beast::websocket::close_code>(code),
      beast::string_view(reason.data(), std::min<size_t>(reason.size(), 123)));
  (void)Await(impl.io, impl.stream.next_layer(), After(impl.timeout),
              [&](auto handler) { impl.stream.async_close(close, handler); });
  impl.Ended();
}

}  // namespace energy::http
