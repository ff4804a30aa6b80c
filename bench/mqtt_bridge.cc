/// mqtt_bridge: what wires an MQTT broker to a time-series database: subscribes to telemetry, turns
/// each payload into a line of InfluxDB's line protocol and posts batches of lines. Built to be
/// fast, so that it is not what a comparison with such a chain measures. Prints one line of JSON.

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/time_text.h"
#include "http/client.h"
#include "mqtt/packets.h"
#include "socket.h"
#include "subscriber.h"

namespace energy::bench {
namespace {

constexpr size_t kMinLines = 1'000;
constexpr size_t kMaxLines = 5'000;
constexpr size_t kMaxPending = 100'000;  // the reader waits above it
constexpr std::chrono::milliseconds kLinger{100};

struct Options {
  uint16_t mqtt_port = 0;
  uint16_t http_port = 0;
  std::string target;
  uint64_t messages = 0;
};

// The text between `begin` and the next `end`; empty when there is none.
std::string_view Between(std::string_view text, std::string_view begin, char end) {
  const size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

// {"device_id":"D1","timestamp":"...","voltage":1,...} as a line. False when it is no such payload.
bool AppendLine(std::string_view payload, std::string& out) {
  base::Timestamp time;
  if (!base::TryParseTimestamp(Between(payload, R"("timestamp":")", '"'), time)) return false;
  out += "telemetry,device_id=";
  out += Between(payload, R"("device_id":")", '"');
  char separator = ' ';
  for (const std::string_view field : {"voltage", "current", "power", "temperature"}) {
    const std::string key = "\"" + std::string(field) + "\":";
    const size_t at = payload.find(key);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = payload.substr(at + key.size());
    out += separator;
    out += field;
    out += '=';
    out += rest.substr(0, rest.find_first_of(",}"));
    separator = ',';
  }
  out += ' ';
  out += std::to_string(time.time_since_epoch().count());
  out += '\n';
  return separator == ',';
}

// Lines on their way from the reader to the writer.
class LineQueue {
 public:
  void Add(std::string_view line) {
    std::unique_lock lock(mutex_);
    space_.wait(lock, [this] { return lines_ < kMaxPending; });
    batches_.back().append(line);
    if (++last_ == kMaxLines) {
      batches_.emplace_back();
      last_ = 0;
    }
    if (++lines_ == kMinLines) filled_.notify_one();
  }

  /// At least kMinLines lines unless the stream pauses; at most kMaxLines.
  std::string Take(size_t& count) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, kLinger, [this] { return lines_ >= kMinLines; });
    const bool whole = batches_.size() > 1;
    count = whole ? kMaxLines : last_;
    std::string batch = std::move(batches_.front());
    batches_.erase(batches_.begin());
    if (!whole) {
      batches_.emplace_back();
      last_ = 0;
    }
    lines_ -= count;
    space_.notify_one();
    return batch;
  }

 private:
  std::mutex mutex_;
  std::condition_variable space_;
  std::condition_variable filled_;
  std::vector<std::string> batches_{1};
  size_t last_ = 0;   // lines of the last batch
  size_t lines_ = 0;  // of all batches
};

// Reads publishes until there were `messages`. Errors: as Socket, kInvalidArgument for a payload.
base::Status Read(const Socket& socket, uint64_t messages, uint64_t& first_ns, LineQueue& lines) {
  std::string buffer;
  std::string line;
  std::array<char, 256 << 10> bytes;
  while (messages > 0) {
    const ssize_t got = recv(socket.fd(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return base::Unavailable("the broker closed the connection or sent nothing");
    if (first_ns == 0) first_ns = NowNs();
    buffer.append(bytes.data(), static_cast<size_t>(got));
    std::string_view rest = buffer;
    mqtt::Frame frame;
    mqtt::Publish publish;
    size_t size = 0;
    while (mqtt::ParseFrame(rest, 1 << 20, frame, size) == mqtt::FrameStatus::kComplete) {
      rest.remove_prefix(size);
      mqtt::Decode(frame, mqtt::Version::k311, publish);
      line.clear();
      if (!AppendLine(publish.payload, line)) return base::InvalidArgument("not a payload");
      lines.Add(line);
      --messages;
    }
    buffer.erase(0, buffer.size() - rest.size());
  }
  return {};
}

// Posts lines until there were `messages`.
base::Status Write(const Options& options, LineQueue& lines) {
  http::Client client("127.0.0.1", options.http_port, std::chrono::seconds(30));
  for (uint64_t written = 0; written < options.messages;) {
    size_t count = 0;
    std::string batch = lines.Take(count);
    if (count == 0) continue;
    ENERGY_ASSIGN_OR_RETURN(
        const http::Response answer,
        client.Post(options.target, std::move(batch), {{"Content-Type", "text/plain"}}));
    if (answer.status >= 300) return base::Unavailable("the database answered " + answer.body);
    written += count;
  }
  return {};
}

base::Status Bridge(const Options& options) {
  ENERGY_ASSIGN_OR_RETURN(const Socket socket, Socket::Connect(options.mqtt_port));
  ENERGY_RETURN_IF_ERROR(SendSubscribe(socket, "devices/+/telemetry"));
  std::cout << "{\"subscribed\":true}" << std::endl;
  LineQueue lines;
  std::thread writer([&options, &lines] {
    const base::Status status = Write(options, lines);
    if (status.ok()) return;
    std::cerr << "mqtt_bridge: " << status.message() << "\n";
    std::_Exit(1);  // the reader waits for a broker that may have nothing more to say
  });
  uint64_t first_ns = 0;
  const base::Status read = Read(socket, options.messages, first_ns, lines);
  if (!read.ok()) {
    std::cerr << "mqtt_bridge: " << read.message() << "\n";
    std::_Exit(1);
  }
  writer.join();
  const double seconds = static_cast<double>(NowNs() - first_ns) / 1e9;
  std::printf("{\"messages\":%llu,\"seconds\":%.3f,\"rate\":%.0f}\n",
              static_cast<unsigned long long>(options.messages), seconds,
              static_cast<double>(options.messages) / seconds);
  return {};
}

int Main(int argc, char** argv) {
  CLI::App app{"Writes telemetry of an MQTT broker into a database that takes line protocol"};
  Options options;
  app.add_option("--mqtt-port", options.mqtt_port, "port of the broker")->required();
  app.add_option("--http-port", options.http_port, "port of the database")->required();
  app.add_option("--target", options.target, "path and query to post to")->required();
  app.add_option("--messages", options.messages, "ends when so many are written")->required();
  CLI11_PARSE(app, argc, argv);
  const base::Status status = Bridge(options);
  if (status.ok()) return 0;
  std::cerr << "mqtt_bridge: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace energy::bench

int main(int argc, char** argv) { return energy::bench::Main(argc, argv); }
