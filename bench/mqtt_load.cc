/// mqtt_load: telemetry traffic for an MQTT broker on this machine. Prints one line of JSON.

#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "load_generator.h"
#include "socket.h"
#include "subscriber.h"

namespace energy::bench {
namespace {

std::atomic<bool> stop_requested =
    false;  // set by the signal handler, which can reach nothing else

int Fail(const base::Status& status) {
  std::cerr << "mqtt_load: " << status.message() << "\n";
  return 1;
}

int RunSubscriber(uint16_t port, const std::string& filter, double seconds) {
  const auto result = Subscribe(port, filter, seconds, stop_requested,
                                [] { std::cout << "{\"subscribed\":true}" << std::endl; });
  if (!result.ok()) return Fail(result.status());
  std::printf("{\"received\":%llu,\"bytes\":%llu,\"cpu_s\":%.3f}\n",
              static_cast<unsigned long long>(result->messages),
              static_cast<unsigned long long>(result->bytes), OwnCpuSeconds());
  return 0;
}

int RunPublisher(const LoadOptions& options) {
  const double cpu_before = OwnCpuSeconds();
  const auto run = GenerateLoad(options);
  if (!run.ok()) return Fail(run.status());
  const LoadResult& result = **run;
  const auto ms = [](uint64_t ns) { return static_cast<double>(ns) / 1e6; };
  std::printf(
      "{\"connections\":%u,\"window\":%u,\"qos\":%u,\"payload_bytes\":%zu,\"sent\":%llu,"
      "\"acknowledged\":%llu,\"seconds\":%.3f,\"rate\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
      "\"max_ms\":%.3f,\"cpu_s\":%.3f,\"errors\":%llu}\n",
      options.connections, options.window, unsigned{options.qos}, result.payload_bytes,
      static_cast<unsigned long long>(result.sent),
      static_cast<unsigned long long>(result.acknowledged), result.seconds,
      static_cast<double>(result.acknowledged) / result.seconds, ms(result.latency.Percentile(0.5)),
      ms(result.latency.Percentile(0.99)), ms(result.latency.max()), OwnCpuSeconds() - cpu_before,
      static_cast<unsigned long long>(result.errors));
  return result.errors == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  CLI::App app{"Publishes telemetry to an MQTT broker on 127.0.0.1, or counts what it sends out"};
  LoadOptions options;
  std::string filter;
  unsigned qos = options.qos;
  app.add_option("--port", options.port, "port of the broker")->required();
  app.add_option("--connections", options.connections, "one device each, D1 and on")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--first-device", options.first_device, "number of the first device")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--window", options.window, "unacknowledged publishes of a connection")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--qos", qos, "0 or 1")->check(CLI::Range(0, 1))->capture_default_str();
  app.add_option("--seconds", options.seconds, "how long to publish or to listen")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--messages", options.messages, "end after so many publishes; 0: by time")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1'000'000'000}))
      ->capture_default_str();
  app.add_option("--readings", options.readings_per_message, "of a message; above 1 as an array")
      ->check(CLI::Range(1, 5'000))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "publishes per second, with QoS 1; 0: as fast as it goes")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  app.add_option("--subscribe", filter, "publish nothing; subscribe to this and count");
  CLI11_PARSE(app, argc, argv);
  options.qos = static_cast<uint8_t>(qos);

  std::signal(SIGTERM, [](int) { stop_requested = true; });
  std::signal(SIGINT, [](int) { stop_requested = true; });
  return filter.empty() ? RunPublisher(options)
                        : RunSubscriber(options.port, filter, options.seconds);
}

}  // namespace
}  // namespace energy::bench

int main(int argc, char** argv) { return energy::bench::Main(argc, argv); }
