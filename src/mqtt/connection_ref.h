#pragma once

#include <cstdint>

namespace energy::mqtt {

/// Names a connection across threads. The generation tells a reused slot from its former owner.
struct ConnectionRef {
  uint32_t io_thread = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;

  bool operator==(const ConnectionRef&) const = default;
};

/// Told that a connection has messages to write. The thread decides how: see Worker::Wake.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void Wake(const ConnectionRef& connection) = 0;
};

}  // namespace energy::mqtt
