#include "telemetry/device_ingest.h"

#include <gtest/gtest.h>

namespace energy::telemetry {
namespace {

constexpr int64_t kNs = 1'000'000'000;

class DeviceArrivalsTest : public ::testing::Test {
 protected:
  void SetUp() override { arrivals_.Expect({std::chrono::seconds(10), {{3, "power", 0, 100}}}); }
  // A reading of `second` that arrives `delay` seconds later.
  void Add(int64_t second, int64_t delay = 0, double value = 50,
           std::optional<uint64_t> sequence = {}) {
    series::Batch batch;
    batch.Add(1, second * kNs, std::vector<series::FieldRef>{2, 3}, std::vector<double>{-5, value});
    arrivals_.Add(batch, batch.rows[0], sequence,
                  base::Timestamp(std::chrono::seconds(second + delay)), 64, total_);
  }
  void AddNumbered(int64_t second, uint64_t sequence) { Add(second, 0, 50, sequence); }
  const IngestCounts& counts() const { return arrivals_.state().counts; }

  DeviceArrivals arrivals_;
  IngestCounts total_;
};

TEST_F(DeviceArrivalsTest, CountsTheSameReadingForEverAsDuplicates) {
  for (int i = 0; i < 1000; ++i) Add(100);
  EXPECT_EQ(counts().received, 1000u);
  EXPECT_EQ(counts().duplicates, 999u);
  EXPECT_EQ(counts().out_of_order, 0u);
  EXPECT_EQ(counts().gaps, 0u);
}

TEST_F(DeviceArrivalsTest, TellsARedeliveryFromALateNewcomer) {
  for (int64_t second : {100, 110, 120, 130}) Add(second);
  Add(110);
  EXPECT_EQ(counts().duplicates, 1u);
  Add(115);
  EXPECT_EQ(counts().out_of_order, 1u);
  EXPECT_EQ(arrivals_.state().newest, base::Timestamp(std::chrono::seconds(130)));
}

TEST_F(DeviceArrivalsTest, CountsGapsByTheReportingInterval) {
  Add(100);
  Add(114);
  EXPECT_EQ(counts().gaps, 0u) << "within one and a half intervals";
  Add(144);
  EXPECT_EQ(counts().gaps, 1u);
  EXPECT_EQ(counts().missed, 2u);
  ASSERT_TRUE(arrivals_.state().last_gap);
  EXPECT_EQ(arrivals_.state().last_gap->start, base::Timestamp(std::chrono::seconds(114)));
  EXPECT_EQ(arrivals_.state().last_gap->end, base::Timestamp(std::chrono::seconds(144)));
  EXPECT_EQ(total_.missed, 2u);
}

TEST_F(DeviceArrivalsTest, CountsLateAndFlaggedReadings) {
  Add(100, 60);
  EXPECT_EQ(counts().late, 0u);
  Add(110, 61, 100);
  EXPECT_EQ(counts().late, 1u);
  EXPECT_EQ(counts().flagged, 0u) << "the bounds are nominal";
  Add(120, 0, 100.5);
  EXPECT_EQ(counts().flagged, 1u);
  EXPECT_EQ(total_.flagged, 1u);
  const auto& flagged = arrivals_.state().last_flagged;
  ASSERT_TRUE(flagged);
  EXPECT_EQ(flagged->time, base::Timestamp(std::chrono::seconds(120)));
  EXPECT_EQ(flagged->field, "power");
  EXPECT_EQ(flagged->value, 100.5);
  EXPECT_EQ(flagged->nominal_max, 100);
}

TEST_F(DeviceArrivalsTest, CountsGapsInTheNumbersOfReadings) {
  AddNumbered(100, 7);
  AddNumbered(200, 8);
  EXPECT_EQ(counts().gaps, 0u) << "time does not matter then";
  AddNumbered(210, 12);
  EXPECT_EQ(counts().gaps, 1u);
  EXPECT_EQ(counts().missed, 3u);
  const auto& gap = arrivals_.state().last_gap;
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->after_sequence, 8u);
  EXPECT_EQ(gap->missed, 3u);
  EXPECT_EQ(gap->start, base::Timestamp(std::chrono::seconds(200)));
  EXPECT_EQ(gap->end, base::Timestamp(std::chrono::seconds(210)));
  AddNumbered(210, 12);
  EXPECT_EQ(counts().duplicates, 1u);
  AddNumbered(205, 9);
  EXPECT_EQ(counts().out_of_order, 1u) << "fills the gap";
  AddNumbered(220, 13);
  EXPECT_EQ(counts().gaps, 1u);
  EXPECT_EQ(total_.missed, 3u);
}

TEST_F(DeviceArrivalsTest, ADeviceThatStartsAnewLosesNothing) {
  AddNumbered(100, 1000);
  AddNumbered(110, 0);
  AddNumbered(120, 1);
  EXPECT_EQ(counts().gaps, 0u);
  EXPECT_EQ(arrivals_.state().sequence, 1u);
  AddNumbered(130, 3);
  EXPECT_EQ(counts().missed, 1u);
}

TEST_F(DeviceArrivalsTest, NumbersGoOnWhileTheClockIsSetBack) {
  AddNumbered(5000, 1);
  AddNumbered(1400, 2);
  AddNumbered(1410, 4);
  EXPECT_EQ(counts().out_of_order, 2u);
  EXPECT_EQ(counts().missed, 1u);
}

}  // namespace
}  // namespace energy::telemetry
