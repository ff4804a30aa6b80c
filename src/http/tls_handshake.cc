#include "http/tls_handshake.h"

#include <boost/asio/ssl/stream.hpp>

#include "http/connection.h"

namespace energy::http {
namespace {

// A connection until its handshake is done. Everything runs on the loop's thread.
class Handshake final : public Peer, public std::enable_shared_from_this<Handshake> {
 public:
  Handshake(PlainSocket socket, std::shared_ptr<TlsContext> context, Origin origin, Place place)
      : context_(std::move(context)),
        origin_(std::move(origin)),
        place_(std::move(place)),
        deadline_(origin_.core->clock.Steady() + origin_.core->options.header_timeout),
        stream_(std::move(socket), *context_) {
    origin_.loop->Add(this);
  }
  ~Handshake() override { origin_.loop->Remove(this); }

  void Begin() {
    stream_.async_handshake(
        asio::ssl::stream_base::server, [self = shared_from_this()](Error error) {
          if (error || self->origin_.loop->draining()) return;
          Origin origin = self->origin_;
          ServeHttp(std::move(self->stream_), std::move(origin), std::move(self->place_));
        });
  }
  void Sweep(SteadyTime now) override {
    if (now >= deadline_) Abort();
  }
  void Drain() override { Abort(); }
  void Abort() override {
    Error ignored;
    stream_.lowest_layer().close(ignored);
  }

 private:
  const std::shared_ptr<TlsContext> context_;
  Origin origin_;
  Place place_;
  const SteadyTime deadline_;
  TlsSocket stream_;
};

}  // namespace

void ServeHttps(PlainSocket socket, std::shared_ptr<TlsContext> context, Origin origin,
                Place place) {
  std::make_shared<Handshake>(std::move(socket), std::move(context), std::move(origin),
                              std::move(place))
      ->Begin();
}

}  // namespace energy::http
