#include "telemetry/refusals.h"

#include <gtest/gtest.h>

namespace energy::telemetry {
namespace {

Refusals Many(size_t count, const std::string& text) {
  Refusals refusals;
  for (size_t i = 0; i < count; ++i) {
    refusals.push_back({i + 1, text, "D1", {RejectReason::kValidationError, "too high"}});
  }
  return refusals;
}

std::vector<DeadLetter> Letters(const Refusals& refusals) {
  std::vector<DeadLetter> letters;
  AppendDeadLetters(refusals, "devices/D1/telemetry", {}, letters);
  return letters;
}

TEST(Refusals, OfAFloodShareLettersInTheFormOfTheMessage) {
  for (const auto& [text, shared] : {std::pair<std::string, std::string>{"m a=1", "m a=1\nm a=1"},
                                     {R"({"a":1})", R"([{"a":1},{"a":1}])"}}) {
    const auto letters = Letters(Many(102, text));
    ASSERT_EQ(letters.size(), 101u);
    EXPECT_EQ(letters[99].payload, text);
    EXPECT_EQ(letters[100].payload, shared);
    EXPECT_EQ(letters[100].readings, 2u);
  }
}

TEST(Refusals, SharedLettersAreBoundedAndLoseNothing) {
  const std::string text(100, 'x');
  const auto letters = Letters(Many(20'000, text));
  size_t bytes = 0;
  size_t readings = 0;
  for (const DeadLetter& letter : letters) {
    EXPECT_LE(letter.payload.size(), (size_t{256} << 10) + 1);
    bytes += letter.payload.size() + 1;
    readings += letter.readings;
  }
  EXPECT_EQ(readings, 20'000u);
  EXPECT_EQ(bytes, 20'000u * 101);
  EXPECT_LT(letters.size(), 110u);
}

TEST(Refusals, OfDifferentReasonsOrDevicesDoNotShare) {
  const std::string text = "m a=1";
  Refusals refusals = Many(103, text);
  refusals[101].rejection.reason = RejectReason::kParseError;
  refusals[102].device_id = "D2";
  EXPECT_EQ(Letters(refusals).size(), 103u);
}

TEST(Refusals, KeepLargeTextsWhole) {
  const std::string text((16 << 20) - 1, 'x');
  EXPECT_EQ(Letters(Many(1, text))[0].payload, text);
}

TEST(Refusals, SayWhereATextIsCut) {
  const std::string text(1001, 'x');
  Refusals refusals = Many(2, text);
  refusals[0].text.remove_suffix(1);
  CutTexts(refusals, 1000);
  const auto letters = Letters(refusals);
  EXPECT_EQ(letters[0].detail, "too high");
  EXPECT_EQ(letters[1].payload, text.substr(1));
  EXPECT_NE(letters[1].detail.find("of these 1001 bytes only the first 1000"), std::string::npos);
}

}  // namespace
}  // namespace energy::telemetry
