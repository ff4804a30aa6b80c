#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/status.h"
#include "socket.h"

namespace energy::bench {

struct SubscribeResult {
  uint64_t messages = 0;
  uint64_t bytes = 0;
};

/// Sends CONNECT and SUBSCRIBE (QoS 0) and waits for both to be granted. Errors: kUnavailable.
base::Status SendSubscribe(const Socket& socket, const std::string& filter);

/// Subscribes to `filter` with QoS 0 and counts what comes, until `stop` turns true or `seconds`
/// have passed. `ready` is called once the server has granted the subscription.
/// Errors: kUnavailable when the server refuses or hangs up. Threads: blocks until done.
base::Result<SubscribeResult> Subscribe(uint16_t port, const std::string& filter, double seconds,
                                        const std::atomic<bool>& stop,
                                        const std::function<void()>& ready);

}  // namespace energy::bench
