#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mqtt/router.h"

namespace energy::mqtt {

/// Which connection a client id belongs to. A client id has at most one [MQTT-3.1.4-3].
/// Threads: safe anywhere; used at connect and disconnect only.
class ClientRegistry {
 public:
  /// Makes `connection` the owner. Returns the one it takes the id from.
  std::optional<ConnectionRef> Claim(std::string_view client_id, const ConnectionRef& connection) {
    const std::lock_guard lock(mutex_);
    const auto it = owners_.find(client_id);
    if (it == owners_.end()) {
      owners_.emplace(client_id, connection);
      return std::nullopt;
    }
    const ConnectionRef previous = it->second;
    it->second = connection;
    return previous;
  }

  /// Gives the id back, unless another connection has claimed it since.
  void Release(std::string_view client_id, const ConnectionRef& connection) {
    const std::lock_guard lock(mutex_);
    const auto it = owners_.find(client_id);
    if (it != owners_.end() && it->second == connection) owners_.erase(it);
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::mutex mutex_;
  std::unordered_map<std::string, ConnectionRef, Hash, std::equal_to<>> owners_;
};

}  // namespace energy::mqtt
