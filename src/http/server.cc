#include "http/server.h"

#include <algorithm>
#include <future>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/io_threads.h"
#include "http/core.h"
#include "http/tls_handshake.h"

namespace energy::http {
namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Error = boost::system::error_code;

namespace {

constexpr int kBacklog = 1024;
constexpr std::chrono::milliseconds kAcceptPause(100);
constexpr std::chrono::seconds kAbortWait(1);
constexpr std::chrono::seconds kCertificateInterval(2);

base::Status BindError(const Error& error, const ServerOptions& options) {
  const bool v6 = options.address.find(':') != std::string::npos;
  const std::string where =
      (v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return base::Unavailable("another program listens on " + where +
                             ": stop it or choose another with --http ADDR:PORT");
  }
  if (error == asio::error::access_denied) {
    return base::Unavailable(
        "not allowed to listen on " + where +
        ": ports below 1024 need a privilege; choose another with --http ADDR:PORT");
  }
  if (error == boost::system::errc::address_not_available) {
    return base::InvalidArgument("no network interface has the address " + options.address +
                                 ": choose another with --http ADDR:PORT");
  }
  return base::Unavailable("cannot listen on " + where + ": " + error.message());
}

// Deadlines are met within a quarter of the shortest, but the sweep itself must stay cheap.
std::chrono::milliseconds SweepInterval(const ServerOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.body_timeout, options.idle_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(500));
}

}  // namespace

// Held by its own pending handlers, so that they never outlive it.
struct Server::Impl : std::enable_shared_from_this<Impl> {
  Impl(std::shared_ptr<Core> shared, base::IoThreads& io) : core(std::move(shared)) {
    for (unsigned i = 0; i < io.count(); ++i) {
      core->loops.push_back(std::make_unique<Loop>(io.context(i), core->random));
    }
    timers.resize(io.count());
    accept_timer.emplace(io.context(0));
    const ServerOptions& options = core->options;
    if (!options.tls_certificate.empty()) {
      certificate.emplace(
          "TLS certificate", std::vector{options.tls_certificate, options.tls_key},
          [files = options] { return LoadTlsContext(files.tls_certificate, files.tls_key); },
          core->log);
    }
  }

  base::Status Listen();
  void Accept();
  void Accepted(Socket socket, Loop& loop);
  void Refuse(Socket socket);
  void SweepLater(size_t index);
  template <class Action>
  void OnEachLoop(Action action);

  const std::shared_ptr<Core> core;
  std::optional<Acceptor> acceptor;  // on loop 0
  std::optional<Timer> accept_timer;
  std::vector<std::unique_ptr<Timer>> timers;  // one a loop, until Stop
  std::optional<TlsCertificate> certificate;   // on loop 0
  SteadyTime certificate_read;                 // the same
  size_t next_loop = 0;
  uint16_t port = 0;
  bool running = false;
};

base::Status Server::Impl::Listen() {
  Error error;
  const auto address = asio::ip::make_address(core->options.address, error);
  if (error) {
    return base::InvalidField("http.address",
                              "'" + core->options.address + "' is no numeric IPv4 or IPv6 address");
  }
  const asio::ip::tcp::endpoint endpoint(address, core->options.port);
  acceptor.emplace(core->loops[0]->context());
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(kBacklog, error);
  if (error) {
    acceptor.reset();
    return BindError(error, core->options);
  }
  port = acceptor->local_endpoint().port();
  return {};
}

void Server::Impl::Accept() {
  Loop& loop = *core->loops[next_loop];
  next_loop = (next_loop + 1) % core->loops.size();
  acceptor->async_accept(loop.context(),
                         [self = shared_from_this(), &loop](Error error, Socket socket) {
                           if (!self->acceptor->is_open()) return;
                           if (!error) {
                             self->Accepted(std::move(socket), loop);
                             self->Accept();
                             return;
                           }
                           // Mostly too many open files: that passes, but trying at once would
                           // spin.
                           self->core->log->warn("cannot accept a connection: {}", error.message());
                           self->accept_timer->expires_after(kAcceptPause);
                           self->accept_timer->async_wait([self](Error cancelled) {
                             if (!cancelled && self->acceptor->is_open()) self->Accept();
                           });
                         });
}

void Server::Impl::Accepted(Socket socket, Loop& loop) {
  if (!core->TakePlace()) return Refuse(std::move(socket));
  Place place(core);
  Error error;
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  const auto remote = socket.remote_endpoint(error);
  if (error) return;  // gone already
  asio::post(loop.context(), [core = core, &loop, place = std::move(place),
                              remote = remote.address().to_string(),
                              context = certificate ? certificate->current() : nullptr,
                              socket = std::move(socket)]() mutable {
    if (loop.draining()) return;
    if (context) {
      return ServeHttps(std::move(socket), std::move(context),
                        Origin{core, &loop, std::move(remote)}, std::move(place));
    }
    ServeHttp(std::move(socket), Origin{core, &loop, std::move(remote)}, std::move(place));
  });
}

void Server::Impl::Refuse(Socket socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  core->refused_connections.Increment();
  if (certificate) return;  // an answer in plain text would say nothing
  Error error;
  socket.non_blocking(true, error);
  socket.write_some(asio::buffer(kAnswer), error);
  socket.shutdown(Socket::shutdown_send, error);
}

void Server::Impl::SweepLater(size_t index) {
  timers[index]->expires_after(SweepInterval(core->options));
  timers[index]->async_wait([self = shared_from_this(), index](Error cancelled) {
    // One that was due when the server stopped comes without an error.
    if (cancelled || !self->timers[index]) return;
    const SteadyTime now = self->core->clock.Steady();
    self->core->loops[index]->Sweep(now);
    if (index == 0 && self->certificate && now - self->certificate_read >= kCertificateInterval) {
      self->certificate_read = now;
      self->certificate->Refresh();
    }
    self->SweepLater(index);
  });
}

// Runs `action(loop, index)` on every loop and waits for all; loops that do not run are given up.
template <class Action>
void Server::Impl::OnEachLoop(Action action) {
  std::vector<std::future<void>> done;
  for (size_t i = 0; i < core->loops.size(); ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    asio::post(core->loops[i]->context(), [self = shared_from_this(), i, action, promise] {
      action(*self->core->loops[i], i);
      promise->set_value();
    });
  }
  for (auto& future : done) future.wait_for(kAbortWait);
}

Server::Server(ServerOptions options, base::IoThreads& io, base::WorkerPool& workers,
               Router& router, const base::Clock& clock, base::Random& random, base::Logger log,
               base::Metrics& metrics)
    : impl_(std::make_shared<Impl>(std::make_shared<Core>(std::move(options), workers, router,
                                                          clock, random, std::move(log), metrics),
                                   io)) {}

Server::~Server() { Stop(); }

base::Status Server::Start() {
  if (impl_->running) return {};
  if (impl_->certificate) ENERGY_RETURN_IF_ERROR(impl_->certificate->Load());
  ENERGY_RETURN_IF_ERROR(impl_->Listen());
  impl_->running = true;
  for (size_t i = 0; i < impl_->timers.size(); ++i) {
    impl_->timers[i] = std::make_unique<Timer>(impl_->core->loops[i]->context());
  }
  impl_->OnEachLoop([impl = impl_.get()](Loop&, size_t index) {
    impl->SweepLater(index);
    if (index == 0) impl->Accept();
  });
  impl_->core->log->info("listening on {}:{}", impl_->core->options.address, impl_->port);
  return {};
}

void Server::Stop() {
  if (!std::exchange(impl_->running, false)) return;
  impl_->OnEachLoop([impl = impl_.get()](Loop& loop, size_t index) {
    Error error;
    if (index == 0) {
      impl->acceptor->close(error);
      impl->accept_timer->cancel();
    }
    loop.Drain();
  });
  if (!impl_->core->WaitForNone(impl_->core->options.stop_timeout)) {
    impl_->core->log->warn("connections were still busy after {} ms and are cut off",
                           impl_->core->options.stop_timeout.count());
  }
  impl_->OnEachLoop([impl = impl_.get()](Loop& loop, size_t index) {
    loop.Abort();
    impl->timers[index].reset();
  });
  // So that no callback of a connection runs once this returns.
  impl_->core->WaitForNone(kAbortWait);
}

uint16_t Server::port() const { return impl_->port; }

}  // namespace energy::http
