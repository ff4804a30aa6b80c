#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "integration/api_client.h"

namespace energy::integration {

struct RawCase {
  std::string name;
  std::string bytes;
};

/// What no broker may accept, before or after CONNECT (MQTT 3.1.1 §4.8, MQTT 5 §4.13).
std::vector<RawCase> MalformedPackets();

/// Sends `bytes` on a connection of its own, after a login as `device` if given, and waits for the
/// broker to close it. False when it stays open. `keep_alive_s`: of the login; 0: for ever.
bool RawMqttIsClosed(uint16_t port, const std::string& bytes,
                     const std::optional<Credential>& device, uint16_t keep_alive_s = 0);

}  // namespace energy::integration
