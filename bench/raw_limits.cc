#include "raw_limits.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "latency_histogram.h"
#include "series/log_record.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr uint64_t kMeasureNs = 400'000'000;
constexpr size_t kStreamBytes = 64 << 10;
constexpr size_t kSyncFileBytes = 16 << 20;

// Both ends of one TCP connection of this process.
struct Pair {
  Socket client;
  Socket server;
};

base::Result<Pair> Connected() {
  uint16_t port = 0;
  ENERGY_ASSIGN_OR_RETURN(const Socket listener, Listen(port));
  Pair pair;
  ENERGY_ASSIGN_OR_RETURN(pair.client, Socket::Connect(port));
  pair.server = Socket(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  return pair;
}

}  // namespace

base::Result<Syncs> MeasureSyncs(const std::filesystem::path& folder, size_t bytes) {
  const std::filesystem::path path = folder / "sync-limit";
  const Socket file(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
  if (file.fd() < 0) return base::Unavailable("cannot write " + path.string());
  const std::string content(std::max(bytes, kSyncFileBytes), 'x');
  bool written = pwrite(file.fd(), content.data(), content.size(), 0) > 0 && fsync(file.fd()) == 0;
  const uint64_t start = NowNs();
  LatencyHistogram times;
  size_t at = 0;
  for (uint64_t now = start; written && now - start < kMeasureNs;) {
    if (at + bytes > content.size()) at = 0;
    written = pwrite(file.fd(), content.data(), bytes, static_cast<off_t>(at)) ==
                  static_cast<ssize_t>(bytes) &&
              fdatasync(file.fd()) == 0;
    at += bytes;
    times.Add(NowNs() - now);
    now = NowNs();
  }
  const double seconds = static_cast<double>(NowNs() - start) / 1e9;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  if (!written) return base::Unavailable("cannot write " + path.string());
  const auto ms = [&times](double part) {
    return static_cast<double>(times.Percentile(part)) / 1e6;
  };
  return Syncs{static_cast<double>(times.total()) / seconds, ms(0.5), ms(0.99)};
}

base::Result<double> RoundTripsPerSecond(size_t request, size_t answer) {
  ENERGY_ASSIGN_OR_RETURN(Pair pair, Connected());
  std::thread echo([&pair, request, answer] {
    const std::string bytes(answer, 'a');
    while (pair.server.Receive(request).ok() && pair.server.SendAll(bytes).ok()) {
    }
  });
  const std::string bytes(request, 'r');
  const uint64_t start = NowNs();
  uint64_t trips = 0;
  base::Status status;
  while (status.ok() && NowNs() - start < kMeasureNs) {
    status = pair.client.SendAll(bytes);
    if (status.ok()) status = pair.client.Receive(answer).status();
    ++trips;
  }
  const double seconds = static_cast<double>(NowNs() - start) / 1e9;
  shutdown(pair.client.fd(), SHUT_RDWR);
  echo.join();
  ENERGY_RETURN_IF_ERROR(status);
  return static_cast<double>(trips) / seconds;
}

base::Result<double> StreamedPerSecond(size_t bytes) {
  ENERGY_ASSIGN_OR_RETURN(Pair pair, Connected());
  std::thread sink([&pair] {
    std::array<char, kStreamBytes> buffer;
    while (recv(pair.server.fd(), buffer.data(), buffer.size(), 0) > 0) {
    }
  });
  const std::string block(kStreamBytes, 's');
  const uint64_t start = NowNs();
  uint64_t sent = 0;
  base::Status status;
  while (status.ok() && NowNs() - start < kMeasureNs) {
    status = pair.client.SendAll(block);
    sent += block.size();
  }
  const double seconds = static_cast<double>(NowNs() - start) / 1e9;
  shutdown(pair.client.fd(), SHUT_RDWR);
  sink.join();
  ENERGY_RETURN_IF_ERROR(status);
  return static_cast<double>(sent) / static_cast<double>(bytes) / seconds;
}

size_t LogRecordBytes(size_t readings) {
  constexpr std::array<series::FieldRef, 4> kFields{0, 1, 2, 3};
  series::Batch batch;
  for (size_t i = 0; i < readings; ++i) {
    const double step = static_cast<double>(i % 100) / 100;
    batch.Add(static_cast<series::DeviceRef>(i % 50), static_cast<int64_t>(i) * 1000, kFields,
              std::array{230 + step, 0.85 + step, 195 + step, 40 + step});
  }
  std::string record;
  series::EncodeLogRecord(batch, record);
  return record.size();
}

}  // namespace energy::bench
