#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "mqtt/message.h"
#include "mqtt/packets.h"
#include "mqtt/router.h"

/// Decoding of a stream of PUBLISH packets as devices send it, against copying the same bytes.
namespace energy::mqtt {
namespace {

constexpr size_t kPackets = 1000;

std::string Stream(Version version) {
  std::string stream;
  for (size_t i = 0; i < kPackets; ++i) {
    Publish packet;
    const std::string topic = "devices/D" + std::to_string(i) + "/telemetry";
    packet.topic = topic;
    packet.payload =
        R"({"device_id":"D1","timestamp":"2024-05-01T12:00:00.123456789Z","voltage":230.1,)"
        R"("current":0.05,"power":11.4,"energy":1.25})";
    packet.qos = 1;
    packet.packet_id = static_cast<uint16_t>(i + 1);
    Encode(packet, version, stream);
  }
  return stream;
}

void DecodeStream(benchmark::State& state, Version version) {
  const std::string stream = Stream(version);
  Publish packet;
  size_t bytes = 0;
  for (auto _ : state) {
    std::string_view rest = stream;
    Frame frame;
    size_t size = 0;
    while (ParseFrame(rest, 1 << 20, frame, size) == FrameStatus::kComplete) {
      if (Decode(frame, version, packet)) state.SkipWithError("decoding failed");
      bytes += packet.topic.size() + packet.payload.size();
      rest.remove_prefix(size);
    }
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kPackets));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * stream.size()));
}

void BM_DecodePublish311(benchmark::State& state) { DecodeStream(state, Version::k311); }
void BM_DecodePublish5(benchmark::State& state) { DecodeStream(state, Version::k5); }

void BM_Memcpy(benchmark::State& state) {
  const std::string stream = Stream(Version::k311);
  std::vector<char> copy(stream.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), stream.data(), stream.size());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kPackets));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * stream.size()));
}

/// One message against the subscriptions of `range` devices to their own commands.
void BM_Match(benchmark::State& state) {
  Router router;
  const auto budget = std::make_shared<QueueBudget>();
  for (int64_t i = 0; i < state.range(0); ++i) {
    router.Add("devices/D" + std::to_string(i) + "/commands",
               std::make_shared<Session>(Session::Identity{}, budget), {1, false, false, 0});
  }
  std::vector<Target> targets;
  for (auto _ : state) {
    router.Match("devices/D7/telemetry", nullptr, targets);
    benchmark::DoNotOptimize(targets.data());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}

BENCHMARK(BM_DecodePublish311);
BENCHMARK(BM_DecodePublish5);
BENCHMARK(BM_Memcpy);
BENCHMARK(BM_Match)->Arg(0)->Arg(1)->Arg(10'000);

}  // namespace
}  // namespace energy::mqtt
