#include "http/queued_session.h"

#include <gtest/gtest.h>

namespace energy::http {
namespace {

using SendResult = WebSocketSession::SendResult;

std::shared_ptr<const std::string> Text(int i) {
  return std::make_shared<const std::string>(std::to_string(i));
}

class QueuedSessionTest : public testing::Test {
 protected:
  int wakes = 0;
  QueuedSession session{3, [](uint64_t n) { return "missed " + std::to_string(n); },
                        [this] { ++wakes; }, nullptr};
};

TEST_F(QueuedSessionTest, WakesOnceForManyMessages) {
  EXPECT_EQ(session.Send(Text(1)), SendResult::kQueued);
  EXPECT_EQ(session.Send(Text(2)), SendResult::kQueued);
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(*session.Take().text, "1");
  EXPECT_EQ(*session.Take().text, "2");
  EXPECT_EQ(session.Take().text, nullptr);
  session.Send(Text(3));
  EXPECT_EQ(wakes, 2);
}

TEST_F(QueuedSessionTest, LosesTheOldestAndTells) {
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(session.Send(Text(i)), SendResult::kQueued);
  EXPECT_EQ(session.Send(Text(4)), SendResult::kDroppedOldest);
  EXPECT_EQ(session.Send(Text(5)), SendResult::kDroppedOldest);
  for (const char* expected : {"missed 2", "3", "4", "5"}) {
    EXPECT_EQ(*session.Take().text, expected);
  }
  EXPECT_EQ(session.Take().text, nullptr);
}

TEST_F(QueuedSessionTest, ClosesAfterWhatIsQueued) {
  session.Send(Text(1));
  session.Close(4001, std::string(122, 'x') + "é");
  EXPECT_FALSE(session.open());
  EXPECT_EQ(session.Send(Text(2)), SendResult::kClosed);
  session.Close(1000, "again");
  EXPECT_EQ(*session.Take().text, "1");
  const auto close = session.Take();
  EXPECT_EQ(close.close_code, 4001);
  EXPECT_EQ(close.close_reason, std::string(122, 'x')) << "a cut reason stays UTF-8";
  EXPECT_EQ(session.Take().close_code, std::nullopt);
}

TEST_F(QueuedSessionTest, ReplacesCodesThatMayNotBeSent) {
  session.Close(1006, "");
  EXPECT_EQ(session.Take().close_code, 1011);
}

TEST_F(QueuedSessionTest, OutlivesItsConnection) {
  EXPECT_TRUE(session.Detach());
  EXPECT_FALSE(session.Detach());
  EXPECT_FALSE(session.open());
  EXPECT_EQ(session.Send(Text(1)), SendResult::kClosed);
  session.Close(1000, "");
  EXPECT_EQ(wakes, 0);
}

}  // namespace
}  // namespace energy::http
