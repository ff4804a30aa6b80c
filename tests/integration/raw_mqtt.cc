#include "integration/raw_mqtt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

#include "integration/waiting.h"
#include "mqtt/packets.h"

namespace energy::integration {
namespace {

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool EndsBeforeTimeout(int socket) {
  char bytes[4096];
  while (true) {
    const ssize_t count = recv(socket, bytes, sizeof(bytes), 0);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return true;
    if (count < 0) return false;
  }
}

}  // namespace

std::vector<RawCase> MalformedPackets() {
  using namespace std::string_literals;
  return {
      {"packet type 0", "\x00\x00"s},
      {"remaining length of five bytes", "\x30\xff\xff\xff\xff\x01"s},
      {"publish with QoS 3", "\x36\x05\x00\x01\x61\x00\x01"s},
      {"publish whose topic is longer than the packet", "\x32\x04\x00\xff\x61\x62"s},
      {"publish to a wildcard", "\x32\x05\x00\x01\x23\x00\x01"s},
      {"publish with packet id 0", "\x32\x05\x00\x01\x61\x00\x00"s},
      {"topic that is no UTF-8", "\x32\x06\x00\x02\xc3\x28\x00\x01"s},
      {"topic with NUL", "\x32\x06\x00\x02\x61\x00\x00\x01"s},
      {"subscribe with wrong flags", "\x80\x06\x00\x01\x00\x01\x61\x00"s},
      {"subscribe without a filter", "\x82\x02\x00\x01"s},
      {"a packet that only a server sends", "\x20\x02\x00\x00"s},
      {"a second protocol", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"s},
      {"packet larger than allowed", "\x30\xff\xff\xff\x7f"s},
  };
}

bool RawMqttIsClosed(uint16_t port, const std::string& bytes,
                     const std::optional<Credential>& device, uint16_t keep_alive_s) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval timeout{kPatience.count(), 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  bool closed = false;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    std::string hello;
    if (device) {
      mqtt::Connect packet;
      packet.version = mqtt::Version::k311;
      packet.clean_start = true;
      packet.client_id = "raw";
      packet.keep_alive_s = keep_alive_s;
      packet.username = device->username;
      packet.password = device->password;
      mqtt::Encode(packet, hello);
    }
    closed = SendAll(fd, hello + bytes) && EndsBeforeTimeout(fd);
  }
  close(fd);
  return closed;
}

}  // namespace energy::integration
