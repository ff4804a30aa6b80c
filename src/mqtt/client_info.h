#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "mqtt/packets.h"
#include "mqtt/transport.h"

namespace energy::mqtt {

/// What the broker knows of a connected client, for its operator.
struct ClientInfo {
  std::string client_id;
  std::string username;
  std::string address;  ///< "192.0.2.7:50123"
  Transport transport = Transport::kTcp;
  Version version = Version::k311;
  base::Timestamp connected_at{};
  std::chrono::seconds keep_alive{0};
  bool clean_start = false;
  std::chrono::seconds session_expiry{0};
  size_t subscriptions = 0;
  uint64_t messages_received = 0;  ///< PUBLISH packets of the client
  uint64_t messages_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t messages_dropped = 0;  ///< for it, not delivered
  size_t inflight_received = 0;   ///< publishes that wait for their acknowledgement
  size_t inflight_sent = 0;       ///< messages that the client has not acknowledged
  size_t queued = 0;              ///< messages that wait for the client
  std::string last_error;         ///< empty: none
};

struct ClientSubscription {
  std::string filter;
  uint8_t qos = 0;
};

/// Somebody who was refused or whose connection ended badly.
struct ClientError {
  base::Timestamp time{};
  std::string client_id;  ///< empty when it was not known yet
  std::string username;
  std::string address;
  Transport transport = Transport::kTcp;
  std::string error;
};

/// The last errors of all clients. Threads: safe anywhere. Memory: bounded by `capacity`.
class ClientErrors {
 public:
  explicit ClientErrors(size_t capacity = 1000) : capacity_(capacity) {}

  void Add(ClientError error) {
    const std::lock_guard lock(mutex_);
    if (errors_.size() == capacity_) errors_.pop_front();
    errors_.push_back(std::move(error));
  }
  /// Newest first.
  std::vector<ClientError> List() const {
    const std::lock_guard lock(mutex_);
    return {errors_.rbegin(), errors_.rend()};
  }

 private:
  const size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<ClientError> errors_;  // guarded by mutex_
};

}  // namespace energy::mqtt
