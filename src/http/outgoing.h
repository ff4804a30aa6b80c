#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/service.h"
#include "base/status.h"
#include "http/message.h"

namespace energy::http {

class CurlTransfers;

struct OutgoingOptions {
  /// PEM file of the only authorities that are trusted; empty: those of the system.
  std::string ca_file = {};
};

struct OutgoingRequest {
  Method method = Method::kGet;
  std::string url;  ///< http:// or https://
  Headers headers = {};
  std::string body = {};
  /// For the whole exchange, and for its part until the connection stands (name, TCP, TLS).
  std::chrono::milliseconds timeout{10'000};
  std::chrono::milliseconds connect_timeout{5'000};
  size_t max_body_bytes = 1 << 20;  ///< of the answer
};

/// Requests to servers of others over HTTP and HTTPS, by libcurl. Certificates are always checked
/// (TLS 1.2 or newer). A redirect is answered, not followed, so that nothing is sent to where
/// nobody configured it. Each request has a connection of its own. `https_proxy` and its like hold
/// as for curl(1).
///
/// Errors: kInvalidArgument for a URL of another kind or a header that cannot be sent; kUnavailable
///   when the server cannot be reached, is not who it should be, takes too long, or the program
///   stops; kTooLarge for an answer beyond the limit. Any status of the server is a success.
/// Threads: safe anywhere. Send blocks for `timeout` at most: on a thread of the caller's own pool.
class Outgoing final : public base::Service {
 public:
  explicit Outgoing(OutgoingOptions options = {});
  ~Outgoing() override;
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  base::Result<Response> Send(const OutgoingRequest& request);

  std::string_view name() const override { return "outgoing"; }
  base::Status Start() override { return {}; }
  /// Ends what is under way and refuses what comes later.
  void Stop() override;

 private:
  const OutgoingOptions options_;
  const std::unique_ptr<CurlTransfers> transfers_;
};

}  // namespace energy::http
