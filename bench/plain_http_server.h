#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace energy::bench {

/// The limit of what HTTP gives here: Boost.Beast as its examples use it, two threads, which reads
/// a request and answers the same bytes each time. It runs until the object goes.
class PlainHttpServer {
 public:
  explicit PlainHttpServer(std::string answer);
  ~PlainHttpServer();

  uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace energy::bench
