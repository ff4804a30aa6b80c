#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/message.h"

namespace energy::http {

/// A small blocking HTTP/1.1 client for tests and tools: plain TCP, one connection, kept alive
/// between requests. Answers over 64 MiB are refused.
///
/// Errors: kUnavailable when the server cannot be reached, hangs up, answers nonsense or takes
/// longer than the timeout; any status of the server is a success.
/// Threads: one at a time.
class Client {
 public:
  /// `timeout` holds for each request as a whole. Connects with the first one.
  Client(std::string host, uint16_t port,
         std::chrono::milliseconds timeout = std::chrono::seconds(10));
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  base::Result<Response> Get(std::string_view target, const Headers& headers = {});
  base::Result<Response> Head(std::string_view target, const Headers& headers = {});
  base::Result<Response> Post(std::string_view target, std::string body,
                              const Headers& headers = {});
  base::Result<Response> Put(std::string_view target, std::string body,
                             const Headers& headers = {});
  base::Result<Response> Patch(std::string_view target, std::string body,
                               const Headers& headers = {});
  base::Result<Response> Delete(std::string_view target, const Headers& headers = {});
  /// A body without a Content-Type header is declared as JSON.
  base::Result<Response> Send(Method method, std::string_view target, std::string body,
                              const Headers& headers);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One request to "http://host[:port]/path?query". Errors: as Client, and kInvalidArgument for
/// another kind of URL.
base::Result<Response> Fetch(Method method, std::string_view url, std::string body = {},
                             const Headers& headers = {},
                             std::chrono::milliseconds timeout = std::chrono::seconds(10));
base::Result<Response> Get(std::string_view url, const Headers& headers = {});
base::Result<Response> Post(std::string_view url, std::string body, const Headers& headers = {});

}  // namespace energy::http
