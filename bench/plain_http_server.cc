#include "plain_http_server.h"

#include <thread>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace energy::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, const std::string& answer)
      : socket_(std::move(socket)), answer_(answer) {}

  void Read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](boost::system::error_code error, size_t) {
                       if (!error) self->Write();
                     });
  }

 private:
  void Write() {
    asio::async_write(socket_, asio::buffer(answer_),
                      [self = shared_from_this()](boost::system::error_code error, size_t) {
                        if (!error) self->Read();
                      });
  }

  Tcp::socket socket_;
  const std::string& answer_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
};

}  // namespace

struct PlainHttpServer::Impl {
  explicit Impl(std::string text)
      : answer(std::move(text)),
        acceptor(context, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    Accept();
    for (std::jthread& thread : threads) thread = std::jthread([this] { context.run(); });
  }
  ~Impl() { context.stop(); }

  void Accept() {
    acceptor.async_accept(asio::make_strand(context),
                          [this](boost::system::error_code error, Tcp::socket socket) {
                            if (error) return;
                            socket.set_option(Tcp::no_delay(true), error);
                            std::make_shared<Session>(std::move(socket), answer)->Read();
                            Accept();
                          });
  }

  const std::string answer;
  asio::io_context context;
  Tcp::acceptor acceptor;
  std::jthread threads[2];
};

PlainHttpServer::PlainHttpServer(std::string answer)
    : impl_(std::make_unique<Impl>(std::move(answer))) {}
PlainHttpServer::~PlainHttpServer() = default;

uint16_t PlainHttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }

}  // namespace energy::bench
