#include "load_generator.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <vector>

#include "mqtt/packets.h"
#include "packet_stream.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr unsigned kConnectTogether = 50;  // below the listen backlog of any server
constexpr uint64_t kDrainNs = 10'000'000'000;
constexpr size_t kQos0Burst = 64;  // publishes encoded ahead of the socket with QoS 0

// What the connections share.
struct Run {
  const LoadOptions& options;
  LoadResult& result;
  uint64_t left;  // publishes that may still be sent
  bool sending = true;
  size_t open = 0;      // connections that have not finished
  uint64_t now_ns = 0;  // of this turn of the loop
  uint64_t last_ack_ns = 0;
};

class Device {
 public:
  Device(Socket socket, PacketStream stream, unsigned window)
      : socket_(std::move(socket)), stream_(std::move(stream)), sent_ns_(window + 1, 0) {}

  const Socket& socket() const { return socket_; }
  const PacketStream& stream() const { return stream_; }
  bool done() const { return done_; }

  void OnReadable(Run& run);
  /// Encodes what the window allows and writes it. True when the socket would take more at once,
  /// which happens with QoS 0 alone.
  bool Fill(Run& run);
  /// With a rate: a publish is due since `due_ns`.
  void Owe(uint64_t due_ns) { due_ns_.push_back(due_ns); }
  uint64_t unanswered() const { return unanswered_; }

 private:
  void OnBytes(std::string_view bytes, Run& run);
  void OnPacket(std::string_view packet, Run& run);
  void Encode(Run& run);
  void Write(Run& run);
  void FinishIfDone(Run& run);
  void Fail(Run& run);

  Socket socket_;
  PacketStream stream_;
  std::vector<uint64_t> sent_ns_;  // by packet id; 0: free
  std::deque<uint64_t> due_ns_;    // publishes that the window holds back
  uint16_t next_id_ = 1;
  uint64_t unanswered_ = 0;
  bool pinged_ = false;
  bool done_ = false;
  std::string out_;
  size_t out_begin_ = 0;
  std::array<char, 4> partial_{};
  size_t partial_size_ = 0;
};

bool Device::Fill(Run& run) {
  if (done_) return false;
  Encode(run);
  Write(run);
  FinishIfDone(run);
  return run.options.qos == 0 && !done_ && !pinged_ && out_begin_ == out_.size();
}

void Device::Encode(Run& run) {
  if (out_begin_ < out_.size()) return;  // the server does not read: do not pile up
  out_.clear();
  out_begin_ = 0;
  if (run.options.qos == 0) {
    for (size_t i = 0; i < kQos0Burst && run.sending && run.left > 0; ++i, --run.left) {
      stream_.Append(0, out_);
      ++run.result.sent;
      ++unanswered_;
    }
    if (!pinged_ && (!run.sending || run.left == 0)) {
      mqtt::EncodePing(mqtt::PacketType::kPingreq, out_);
      pinged_ = true;
    }
    return;
  }
  const bool paced = run.options.rate > 0;
  while ((paced ? !due_ns_.empty() : run.sending && run.left > 0) && sent_ns_[next_id_] == 0) {
    stream_.Append(next_id_, out_);
    sent_ns_[next_id_] = paced ? due_ns_.front() : run.now_ns;
    if (paced) due_ns_.pop_front();
    next_id_ = next_id_ + 1u == sent_ns_.size() ? uint16_t{1} : static_cast<uint16_t>(next_id_ + 1);
    ++run.result.sent;
    ++unanswered_;
    if (!paced) --run.left;
  }
}

void Device::Write(Run& run) {
  while (out_begin_ < out_.size()) {
    const ssize_t sent = send(socket_.fd(), out_.data() + out_begin_, out_.size() - out_begin_,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (sent <= 0) return Fail(run);
    out_begin_ += static_cast<size_t>(sent);
  }
}

void Device::OnReadable(Run& run) {
  static thread_local std::array<char, 64 << 10> buffer;
  if (done_) return;
  std::copy_n(partial_.begin(), partial_size_, buffer.begin());
  const ssize_t got = recv(socket_.fd(), buffer.data() + partial_size_,
                           buffer.size() - partial_size_, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (got <= 0) return Fail(run);
  OnBytes({buffer.data(), partial_size_ + static_cast<size_t>(got)}, run);
}

// Every answer that can come here is two bytes of header and at most two of content.
void Device::OnBytes(std::string_view bytes, Run& run) {
  while (bytes.size() >= 2) {
    const size_t size = 2 + static_cast<uint8_t>(bytes[1]);
    if (size > partial_.size()) return Fail(run);
    if (bytes.size() < size) break;
    OnPacket(bytes.substr(0, size), run);
    if (done_) return;
    bytes.remove_prefix(size);
  }
  partial_size_ = bytes.size();
  std::copy(bytes.begin(), bytes.end(), partial_.begin());
}

void Device::OnPacket(std::string_view packet, Run& run) {
  const auto type = static_cast<mqtt::PacketType>(static_cast<uint8_t>(packet[0]) >> 4U);
  if (type == mqtt::PacketType::kPingresp && pinged_) {
    run.result.acknowledged += std::exchange(unanswered_, 0);
    run.last_ack_ns = run.now_ns;
    return FinishIfDone(run);
  }
  if (type != mqtt::PacketType::kPuback || packet.size() != 4) return Fail(run);
  const unsigned id = static_cast<uint8_t>(packet[2]) * 256U + static_cast<uint8_t>(packet[3]);
  if (id == 0 || id >= sent_ns_.size() || sent_ns_[id] == 0) return Fail(run);
  run.result.latency.Add(run.now_ns - std::exchange(sent_ns_[id], 0));
  ++run.result.acknowledged;
  --unanswered_;
  run.last_ack_ns = run.now_ns;
}

void Device::FinishIfDone(Run& run) {
  if (done_ || unanswered_ > 0 || out_begin_ < out_.size() || !due_ns_.empty()) return;
  if (run.sending && run.left > 0) return;
  if (run.options.qos == 0 && !pinged_) return;
  done_ = true;
  --run.open;
}

void Device::Fail(Run& run) {
  if (done_) return;
  done_ = true;
  --run.open;
  run.result.errors += 1 + unanswered_;
}

base::Result<std::vector<std::unique_ptr<Device>>> ConnectAll(const LoadOptions& options,
                                                              const PayloadTails& tails) {
  AllowSockets(options.connections);
  const base::Timestamp first = base::SystemClock().Now();
  std::vector<std::unique_ptr<Device>> devices;
  while (devices.size() < options.connections) {
    const size_t group = devices.size();
    const size_t end = std::min<size_t>(group + kConnectTogether, options.connections);
    for (size_t i = group; i < end; ++i) {
      const std::string id = "D" + std::to_string(options.first_device + i);
      ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(options.port));
      ENERGY_RETURN_IF_ERROR(SendConnect(socket, "load-" + id));
      devices.push_back(std::make_unique<Device>(
          std::move(socket),
          PacketStream(id, options.qos, options.readings_per_message, first, tails),
          options.window));
    }
    for (size_t i = group; i < end; ++i) ENERGY_RETURN_IF_ERROR(AwaitConnack(devices[i]->socket()));
  }
  return devices;
}

base::Result<Socket> Watch(const std::vector<std::unique_ptr<Device>>& devices) {
  Socket poll(epoll_create1(EPOLL_CLOEXEC));
  if (poll.fd() < 0) return base::Unavailable("epoll_create1 failed");
  for (const auto& device : devices) {
    device->socket().SetNonBlocking();
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = device.get();
    epoll_ctl(poll.fd(), EPOLL_CTL_ADD, device->socket().fd(), &event);
  }
  return poll;
}

// Hands out the publishes of a rate, one connection after the other.
class Pace {
 public:
  Pace(const LoadOptions& options, uint64_t start_ns)
      : start_ns_(start_ns), interval_ns_(options.rate > 0 ? 1e9 / options.rate : 0) {}

  void Advance(const std::vector<std::unique_ptr<Device>>& devices, Run& run) {
    if (interval_ns_ == 0) return;
    for (; run.sending && run.left > 0 && NextNs() <= run.now_ns; ++count_, --run.left) {
      Device& device = *devices[count_ % devices.size()];
      device.Owe(NextNs());
      device.Fill(run);
    }
  }
  /// How long the loop may sleep; it looks up at least every 10 ms.
  timespec Sleep(uint64_t now_ns) const {
    constexpr uint64_t kMostNs = 10'000'000;
    if (interval_ns_ == 0) return {0, kMostNs};
    const uint64_t next = NextNs();
    return {0, static_cast<long>(next <= now_ns ? 0 : std::min(next - now_ns, kMostNs))};
  }

 private:
  uint64_t NextNs() const {
    return start_ns_ + static_cast<uint64_t>(static_cast<double>(count_) * interval_ns_);
  }

  const uint64_t start_ns_;
  const double interval_ns_;
  uint64_t count_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<LoadResult>> GenerateLoad(const LoadOptions& options) {
  const PayloadTails tails;
  ENERGY_ASSIGN_OR_RETURN(const auto devices, ConnectAll(options, tails));
  ENERGY_ASSIGN_OR_RETURN(const Socket poll, Watch(devices));
  auto result = std::make_unique<LoadResult>();
  result->payload_bytes = devices.front()->stream().payload_bytes();
  Run run{.options = options,
          .result = *result,
          .left = options.messages == 0 ? UINT64_MAX : options.messages,
          .open = devices.size()};

  const uint64_t start = NowNs();
  const uint64_t stop = start + static_cast<uint64_t>(options.seconds * 1e9);
  std::array<epoll_event, 512> events{};
  bool more = false;
  Pace pace(options, start);
  // Registering makes each socket report that it can be written: that starts it.
  while (run.open > 0) {
    const timespec sleep = more ? timespec{0, 0} : pace.Sleep(NowNs());
    const int count =
        epoll_pwait2(poll.fd(), events.data(), static_cast<int>(events.size()), &sleep, nullptr);
    run.now_ns = NowNs();
    pace.Advance(devices, run);
    if (run.sending && (run.now_ns >= stop || run.left == 0)) {
      run.sending = false;
      for (const auto& device : devices) device->Fill(run);
    }
    if (run.now_ns >= stop + kDrainNs) break;
    for (int i = 0; i < count; ++i) {
      auto* device = static_cast<Device*>(events[static_cast<size_t>(i)].data.ptr);
      if ((events[static_cast<size_t>(i)].events & ~EPOLLOUT) != 0) device->OnReadable(run);
      device->Fill(run);
    }
    more = false;
    if (options.qos == 0) {
      for (const auto& device : devices) more |= device->Fill(run);
    }
  }
  for (const auto& device : devices) {
    if (!device->done()) result->errors += 1 + device->unanswered();
  }
  result->seconds = static_cast<double>(std::max(run.last_ack_ns, start + 1) - start) / 1e9;
  return result;
}

}  // namespace energy::bench
