#include "telemetry/payload_parser.h"

#include "telemetry/test_support.h"

namespace energy::telemetry {
namespace {

class PayloadParserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    platform_.AddDevice("D1");
    platform_.AddDevice("C1", "compressor");
  }
  bool Parse(const std::string& payload, const std::string& device = "D1") {
    return ParseAll(payload, device) == 1 && refusals_.empty();
  }
  size_t ParseAll(const std::string& payload, const std::string& device = "D1",
                  bool device_id_required = true) {
    batch_.Clear();
    refusals_.clear();
    const auto table = platform_.table->current();
    const size_t accepted =
        parser_.Parse(payload, {*table->Find(device), {platform_.clock.Now()}, device_id_required},
                      batch_, refusals_);
    rejection_ = refusals_.empty() ? Rejection() : refusals_.front().rejection;
    return accepted;
  }

  TestPlatform platform_;
  PayloadParser parser_{*platform_.store};
  Readings batch_;
  Refusals refusals_;
  Rejection rejection_;
};

TEST_F(PayloadParserTest, TakesThePayloadOfTheDesign) {
  ASSERT_TRUE(Parse(Payload("D1", 7))) << rejection_.detail;
  ASSERT_EQ(batch_.rows.size(), 1u);
  EXPECT_EQ(batch_.rows[0].time_ns, 1'770'463'507'000'000'000);
  ASSERT_EQ(batch_.values, (std::vector<double>{230.5, 0.85, 195.9, 45.2}));
  EXPECT_EQ(platform_.store->FieldName(batch_.fields[3]), "temperature");
}

TEST_F(PayloadParserTest, TakesFieldsInAnyOrderAndZeroWhereTheRangeAdmitsIt) {
  ASSERT_TRUE(Parse(R"({"power":0,"temperature":20,"current":0,"timestamp":)"
                    R"("2026-02-07T12:25:07.123456789+01:00","voltage":230,"device_id":"D1"})"))
      << rejection_.detail;
  EXPECT_EQ(batch_.rows[0].time_ns, 1'770'463'507'123'456'789);
  EXPECT_EQ(batch_.values[0], 0.0);
}

TEST_F(PayloadParserTest, TakesAnyNumericFieldOfATypeWithoutProfile) {
  ASSERT_TRUE(Parse(R"({"device_id":"C1","timestamp":"2026-02-07T11:25:07Z","pressure":7.5,)"
                    R"("oil_level":-3e-2})",
                    "C1"))
      << rejection_.detail;
  EXPECT_EQ(batch_.values, (std::vector<double>{7.5, -0.03}));
}

TEST_F(PayloadParserTest, KeepsTheNumberOfAReadingBesideIt) {
  std::string numbered = Payload("D1", 7);
  numbered.insert(1, R"("seq":41,)");
  ASSERT_EQ(ParseAll("[" + Payload("D1", 6) + "," + numbered + "]"), 2u) << rejection_.detail;
  ASSERT_EQ(batch_.sequences.size(), 1u);
  EXPECT_EQ(batch_.sequences[0].row, 1u);
  EXPECT_EQ(batch_.sequences[0].number, 41u);
  EXPECT_EQ(batch_.values.size(), 8u) << "it is no field";
  ASSERT_TRUE(
      Parse(R"({"device_id":"C1","seq":0,"timestamp":"2026-02-07T11:25:07Z","p":7.5})", "C1"));
  EXPECT_EQ(batch_.sequences.size(), 1u);
  EXPECT_EQ(batch_.values.size(), 1u);
  EXPECT_FALSE(Parse(numbered + "x"));
  EXPECT_TRUE(batch_.sequences.empty() && batch_.rows.empty());
}

TEST_F(PayloadParserTest, RefusesWhatCannotNumberAReading) {
  for (const char* value :
       {"-1", "1.5", "1e300", "9007199254740992", "\"7\"", "null", "1,\"seq\":2"}) {
    std::string payload = Payload("D1", 7);
    payload.insert(1, "\"seq\":" + std::string(value) + ",");
    EXPECT_FALSE(Parse(payload)) << value;
    EXPECT_NE(rejection_.detail.find("seq"), std::string::npos) << rejection_.detail;
    EXPECT_TRUE(batch_.rows.empty() && batch_.sequences.empty());
  }
}

struct BadPayload {
  const char* name;
  std::string payload;
  RejectReason reason;
  const char* detail;  // a part of it
};

class BadPayloadTest : public PayloadParserTest,
                       public ::testing::WithParamInterface<BadPayload> {};

std::string With(const std::string& member, const std::string& value) {
  std::string payload = Payload("D1", 7);
  const size_t at = payload.find('"' + member + "\":") + member.size() + 3;
  const size_t end = payload.find_first_of(",}", at);
  return payload.replace(at, end - at, value);
}

TEST_P(BadPayloadTest, IsRefusedWithReasonAndDetail) {
  ASSERT_FALSE(Parse(GetParam().payload));
  EXPECT_EQ(ReasonName(rejection_.reason), ReasonName(GetParam().reason)) << rejection_.detail;
  EXPECT_NE(rejection_.detail.find(GetParam().detail), std::string::npos) << rejection_.detail;
  EXPECT_TRUE(batch_.rows.empty());
}

constexpr auto kParse = RejectReason::kParseError;
constexpr auto kValidation = RejectReason::kValidationError;

INSTANTIATE_TEST_SUITE_P(
    All, BadPayloadTest,
    ::testing::Values(
        BadPayload{"Empty", "", kParse, "JSON object"},
        BadPayload{"NotJson", "voltage=230", kParse, "JSON"},
        BadPayload{"EmptyArray", "[]", kValidation, "no reading"},
        BadPayload{"ArrayOfNumbers", "[1]", kParse, "JSON objects"},
        BadPayload{"Truncated", Payload("D1", 7).substr(0, 60), kParse, "JSON"},
        BadPayload{"TextAfter", Payload("D1", 7) + "x", kParse, "JSON object"},
        BadPayload{"ObjectAfter", Payload("D1", 7) + Payload("D1", 8), kParse, "after"},
        BadPayload{"NotUtf8", "{\"device_id\":\"\xff\"}", kParse, "JSON"},
        BadPayload{"NoDeviceId", R"({"timestamp":"2026-02-07T11:25:07Z","voltage":230})",
                   kValidation, "device_id is missing"},
        BadPayload{"OtherDevice", With("device_id", "\"D2\""), kValidation, "'D2'"},
        BadPayload{"DeviceIdIsNumber", With("device_id", "1"), kValidation,
                   "device_id must be text"},
        BadPayload{"NoTimestamp", R"({"device_id":"D1","voltage":230})", kValidation,
                   "timestamp is missing"},
        BadPayload{"LocalTime", With("timestamp", "\"2026-02-07T11:25:07\""), kValidation,
                   "RFC 3339"},
        BadPayload{"TooFarAhead", With("timestamp", "\"2026-02-07T11:31:01Z\""), kValidation,
                   "future"},
        BadPayload{"FieldMissing",
                   R"({"device_id":"D1","timestamp":"2026-02-07T11:25:07Z","voltage":230})",
                   kValidation, "current is missing"},
        BadPayload{"TooHigh", With("voltage", "250.01"), kValidation, "voltage is 250.01"},
        BadPayload{"TooLow", With("temperature", "19.9"), kValidation, "outside 20 to 80"},
        BadPayload{"Text", With("power", "\"195\""), kValidation, "power must be a number"},
        BadPayload{"Null", With("power", "null"), kValidation, "power must be a number"},
        BadPayload{"NaN", With("power", "NaN"), kValidation, "power"},
        BadPayload{"Object", With("power", "{\"a\":1}"), kValidation, "power must be a number"},
        BadPayload{"UnknownField", With("power", "195.9,\"humidity\":3"), kValidation,
                   "humidity is not a field"},
        BadPayload{"Twice", With("power", "195.9,\"power\":3"), kValidation,
                   "power is given twice"},
        BadPayload{"TimestampTwice", With("power", "1,\"timestamp\":\"2026-02-07T11:25:07Z\""),
                   kValidation, "timestamp is given twice"}),
    [](const auto& test) { return test.param.name; });

TEST_F(PayloadParserTest, TakesAnArrayAndRefusesSingleReadingsOfIt) {
  const std::string bad = Payload("D1", 2, 99);
  const std::string payload = "[" + Payload("D1", 1) + ", " + bad + ",{\"device_id\":\"D2\"}," +
                              R"({"timestamp":"2026-02-07T11:25:03Z","voltage":230,"current":1,)" +
                              R"("power":200,"temperature":50}, 7 ,[{}],)" + Payload("D1", 4) + "]";
  EXPECT_EQ(ParseAll(payload), 3u);
  ASSERT_EQ(batch_.rows.size(), 3u);
  EXPECT_EQ(batch_.rows[1].first, 4u);
  EXPECT_EQ(batch_.values.size(), 12u);
  ASSERT_EQ(refusals_.size(), 4u);
  EXPECT_EQ(refusals_[3].text, "[{}]");
  EXPECT_EQ(refusals_[0].number, 2u);
  EXPECT_EQ(refusals_[0].text, bad);
  EXPECT_EQ(refusals_[0].device_id, "D1");
  EXPECT_NE(refusals_[0].rejection.detail.find("temperature is 99"), std::string::npos);
  EXPECT_EQ(refusals_[1].number, 3u);
  EXPECT_EQ(refusals_[1].text, "{\"device_id\":\"D2\"}");
  EXPECT_EQ(refusals_[2].number, 5u);
}

TEST_F(PayloadParserTest, RefusesAnArrayFromWhereItIsMalformed) {
  const std::string rest = "{\"timestamp\" 5}," + Payload("D1", 3) + "]";
  const std::string all = "[" + Payload("D1", 1) + "," + rest;
  EXPECT_EQ(ParseAll(all), 1u);
  ASSERT_FALSE(refusals_.empty());
  EXPECT_EQ(refusals_[0].number, 2u);
  EXPECT_EQ(ReasonName(refusals_[0].rejection.reason), "parse_error");
  size_t text = 0;
  for (const RefusedReading& refused : refusals_) text += refused.text.size();
  EXPECT_GE(text, rest.size() - 2) << "what was not read is not lost";
  const std::string two = "[" + Payload("D1", 1) + "][" + Payload("D1", 2) + "]";
  EXPECT_EQ(ParseAll(two), 1u);
  ASSERT_EQ(refusals_.size(), 1u);
  EXPECT_EQ(refusals_[0].text, "[" + Payload("D1", 2) + "]");
}

TEST_F(PayloadParserTest, NeedsNoDeviceIdWhereAnAddressNamesTheDevice) {
  const std::string payload =
      R"({"timestamp":"2026-02-07T11:25:03Z","voltage":230,"current":1,"power":2,"temperature":50})";
  EXPECT_EQ(ParseAll(payload, "D1", false), 1u);
  EXPECT_EQ(ParseAll(payload, "D1", true), 0u);
  EXPECT_EQ(ParseAll(With("device_id", "\"D2\""), "D1", false), 0u);
}

TEST_F(PayloadParserTest, RefusesWhatTheStoreWouldDeleteAtOnce) {
  const auto table = platform_.table->current();
  TimeLimits limits{platform_.clock.Now()};
  const int64_t second_8 = 1'770'463'508'000'000'000;
  limits.oldest_ns = second_8;
  EXPECT_EQ(parser_.Parse(Payload("D1", 8), {*table->Find("D1"), limits}, batch_, refusals_), 1u);
  EXPECT_EQ(parser_.Parse(Payload("D1", 7), {*table->Find("D1"), limits}, batch_, refusals_), 0u);
  EXPECT_NE(refusals_.at(0).rejection.detail.find("2026-02-07T11:25:07Z is older than"),
            std::string::npos)
      << refusals_[0].rejection.detail;
}

TEST_F(PayloadParserTest, GoesOnAfterARefusedPayload) {
  ASSERT_FALSE(Parse("{\"device_id\":"));
  ASSERT_TRUE(Parse(Payload("D1", 8))) << rejection_.detail;
}

TEST_F(PayloadParserTest, TakesATimestampJustWithinTheLimit) {
  EXPECT_TRUE(Parse(With("timestamp", "\"2026-02-07T11:31:00Z\""))) << rejection_.detail;
}

}  // namespace
}  // namespace energy::telemetry
