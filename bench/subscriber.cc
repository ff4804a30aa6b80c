#include "subscriber.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "mqtt/packets.h"
#include "socket.h"

namespace energy::bench {
namespace {

// Counts packets in a stream that is cut anywhere, without keeping their content.
class PacketCounter {
 public:
  void Take(const char* bytes, size_t count) {
    while (count > 0) {
      if (skip_ > 0) {
        const size_t part = std::min(skip_, count);
        skip_ -= part;
        bytes += part;
        count -= part;
        continue;
      }
      TakeHeaderByte(static_cast<uint8_t>(*bytes++));
      --count;
    }
  }
  uint64_t publishes() const { return publishes_; }

 private:
  void TakeHeaderByte(uint8_t byte) {
    if (header_bytes_++ == 0) {
      publishes_ += byte >> 4U == static_cast<unsigned>(mqtt::PacketType::kPublish) ? 1 : 0;
      length_ = 0;
      return;
    }
    length_ |= static_cast<size_t>(byte & 0x7FU) << (7 * (header_bytes_ - 2));
    if ((byte & 0x80U) != 0 && header_bytes_ < 5) return;
    skip_ = length_;
    header_bytes_ = 0;
  }

  unsigned header_bytes_ = 0;
  size_t length_ = 0;
  size_t skip_ = 0;
  uint64_t publishes_ = 0;
};

}  // namespace

base::Status SendSubscribe(const Socket& socket, const std::string& filter) {
  ENERGY_RETURN_IF_ERROR(SendConnect(socket, "load-subscriber"));
  ENERGY_RETURN_IF_ERROR(AwaitConnack(socket));
  mqtt::Subscribe packet;
  packet.packet_id = 1;
  packet.filters.emplace_back().filter = filter;
  std::string bytes;
  mqtt::Encode(packet, mqtt::Version::k311, bytes);
  ENERGY_RETURN_IF_ERROR(socket.SendAll(bytes));
  ENERGY_ASSIGN_OR_RETURN(const std::string answer, socket.Receive(5));
  if (answer == std::string_view("\x90\x03\x00\x01\x00", 5)) return {};
  return base::Unavailable("the server did not grant the subscription");
}

base::Result<SubscribeResult> Subscribe(uint16_t port, const std::string& filter, double seconds,
                                        const std::atomic<bool>& stop,
                                        const std::function<void()>& ready) {
  ENERGY_ASSIGN_OR_RETURN(const Socket socket, Socket::Connect(port));
  ENERGY_RETURN_IF_ERROR(SendSubscribe(socket, filter));
  ready();

  SubscribeResult result;
  PacketCounter counter;
  std::vector<char> buffer(256 << 10);
  const uint64_t until = NowNs() + static_cast<uint64_t>(seconds * 1e9);
  while (!stop && NowNs() < until) {
    pollfd readable{socket.fd(), POLLIN, 0};
    if (poll(&readable, 1, 100) <= 0) continue;
    const ssize_t got = recv(socket.fd(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return base::Unavailable("the server closed the subscriber's connection");
    counter.Take(buffer.data(), static_cast<size_t>(got));
    result.bytes += static_cast<uint64_t>(got);
  }
  result.messages = counter.publishes();
  return result;
}

}  // namespace energy::bench
