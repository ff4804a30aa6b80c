#include "base/repeater.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <latch>
#include <sstream>

namespace energy::base {
namespace {

using std::chrono::milliseconds;

TEST(Repeater, LogsTheFirstOfFailuresInARow) {
  std::ostringstream log;
  const auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  std::atomic<int> calls = 0;
  std::latch done(1);
  Repeater repeater(
      "test", milliseconds(1),
      [&]() -> Status {
        const int call = ++calls;
        if (call == 9) done.count_down();
        return call == 4 || call > 6 ? Status() : Unavailable("away");
      },
      "nothing is read", logger);
  EXPECT_EQ(calls, 0);
  ASSERT_TRUE(repeater.Start().ok());
  done.wait();
  repeater.Stop();
  const int stopped_at = calls;
  std::string text = log.str();
  size_t lines = 0;
  for (size_t at = text.find("nothing is read: "); at != std::string::npos;
       at = text.find("nothing is read: ", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 2u) << text;
  EXPECT_EQ(calls, stopped_at);
}

TEST(Repeater, StopsWithoutWaitingForTheInterval) {
  Repeater repeater(
      "test", std::chrono::hours(24), []() -> Status { return {}; }, "", NullLogger());
  repeater.Stop();
  ASSERT_TRUE(repeater.Start().ok());
  repeater.Stop();
}

}  // namespace
}  // namespace energy::base
