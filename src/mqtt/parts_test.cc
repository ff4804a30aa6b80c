#include <gtest/gtest.h>

#include <numeric>

#include "mqtt/ack_window.h"
#include "mqtt/input_buffer.h"
#include "mqtt/test_support.h"

namespace energy::mqtt {
namespace {

TEST(AckWindow, HoldsEarlyCompletionsBack) {
  AckWindow window;
  const uint32_t a = window.Push(10);
  const uint32_t b = window.Push(11);
  const uint32_t c = window.Push(12);
  uint16_t id = 0;
  PublishResult result{};
  EXPECT_TRUE(window.Complete(c, PublishResult::kSuccess));
  EXPECT_FALSE(window.Pop(id, result));
  EXPECT_TRUE(window.Complete(a, PublishResult::kQuotaExceeded));
  ASSERT_TRUE(window.Pop(id, result));
  EXPECT_EQ(id, 10);
  EXPECT_EQ(result, PublishResult::kQuotaExceeded);
  EXPECT_FALSE(window.Pop(id, result));
  EXPECT_TRUE(window.Complete(b, PublishResult::kSuccess));
  ASSERT_TRUE(window.Pop(id, result));
  EXPECT_EQ(id, 11);
  ASSERT_TRUE(window.Pop(id, result));
  EXPECT_EQ(id, 12);
  EXPECT_TRUE(window.empty());
}

TEST(AckWindow, IgnoresUnknownAndRepeatedCompletions) {
  AckWindow window;
  const uint32_t a = window.Push(1);
  EXPECT_FALSE(window.Complete(a + 1, PublishResult::kSuccess));
  EXPECT_TRUE(window.Complete(a, PublishResult::kSuccess));
  EXPECT_FALSE(window.Complete(a, PublishResult::kSuccess));
  uint16_t id = 0;
  PublishResult result{};
  EXPECT_TRUE(window.Pop(id, result));
  EXPECT_FALSE(window.Complete(a, PublishResult::kSuccess));
}

TEST(AckWindow, WaitsForAllPartsAndKeepsTheFirstFailure) {
  AckWindow window;
  const uint32_t a = window.Push(1);
  window.AddPart(a);
  uint16_t id = 0;
  PublishResult result{};
  EXPECT_FALSE(window.Complete(a, PublishResult::kQuotaExceeded));
  EXPECT_FALSE(window.Pop(id, result));
  EXPECT_TRUE(window.Complete(a, PublishResult::kSuccess));
  ASSERT_TRUE(window.Pop(id, result));
  EXPECT_EQ(result, PublishResult::kQuotaExceeded);
}

TEST(AckWindow, GrowsWhileInUse) {
  AckWindow window;
  uint16_t next_in = 1;
  uint16_t next_out = 1;
  uint16_t id = 0;
  PublishResult result{};
  for (int round = 0; round < 200; ++round) {
    std::vector<uint32_t> sequences;
    for (int i = 0; i < round; ++i) sequences.push_back(window.Push(next_in++));
    for (auto it = sequences.rbegin(); it != sequences.rend(); ++it) {
      window.Complete(*it, PublishResult::kSuccess);
    }
    for (int i = 0; i < round / 2; ++i) {
      ASSERT_TRUE(window.Pop(id, result));
      EXPECT_EQ(id, next_out++);
    }
  }
  while (window.Pop(id, result)) EXPECT_EQ(id, next_out++);
  EXPECT_EQ(next_in, next_out);
}

// Feeds a stream of packets in pieces and checks that each comes out once, whole and in order.
void RunStream(size_t piece, const std::vector<size_t>& sizes) {
  std::string stream;
  for (size_t i = 0; i < sizes.size(); ++i) {
    stream += test::PublishPacket(Version::k311, std::to_string(i), std::string(sizes[i], 'x'));
  }
  std::vector<char> shared(64 << 10);
  InputBuffer input;
  size_t next = 0;
  size_t fed = 0;
  while (fed < stream.size()) {
    const auto space = input.Prepare(shared);
    ASSERT_FALSE(space.empty());
    const size_t count = std::min({piece, space.size(), stream.size() - fed});
    std::copy_n(stream.data() + fed, count, space.data());
    fed += count;
    std::string_view data = input.Commit(count);
    Frame frame;
    size_t size = 0;
    while (ParseFrame(data, 8 << 20, frame, size) == FrameStatus::kComplete) {
      Publish packet;
      ASSERT_FALSE(Decode(frame, Version::k311, packet));
      ASSERT_EQ(packet.topic, std::to_string(next));
      ASSERT_EQ(packet.payload.size(), sizes[next]);
      ++next;
      data.remove_prefix(size);
    }
    input.Keep(data, size);
    ASSERT_LE(input.memory(), 4 * std::max<size_t>(data.size(), 256) + piece);
  }
  EXPECT_EQ(next, sizes.size());
  EXPECT_EQ(input.memory(), 0U);
}

TEST(InputBuffer, ReassemblesPacketsFromAnyPieces) {
  const std::vector<size_t> sizes{1, 100, 0, 17'000, 5, 40'000, 16'384, 300'000, 2, 2, 70'000, 1};
  for (const size_t piece : {1UL, 7UL, 1000UL, 16'384UL, 65'536UL}) RunStream(piece, sizes);
}

}  // namespace
}  // namespace energy::mqtt
