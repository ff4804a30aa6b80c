#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mqtt/hooks.h"

namespace energy::mqtt {

/// A will as the broker keeps it (§3.1.2.5), until its connection, its delay or its session ends.
/// Not changed once a connection has it.
struct StoredWill {
  std::string topic;
  std::string payload;
  std::string properties;  ///< encoded with length, without the delay
  uint8_t qos = 0;
  bool retain = false;
  uint32_t delay_s = 0;
  std::string client_id;
  std::string user;
  /// Who may, or may not, publish it. None after a restart: asked for by client id and user.
  std::shared_ptr<const Principal> principal;
};

using WillPtr = std::shared_ptr<const StoredWill>;

}  // namespace energy::mqtt
