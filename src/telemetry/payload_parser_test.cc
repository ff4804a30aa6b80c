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
    batch_.Clear();
    return parser_.Parse(payload, *platform_.table->current()->Find(device), platform_.clock.Now(),
                         batch_, rejection_);
  }

  TestPlatform platform_;
  PayloadParser parser_{*platform_.store, std::chrono::minutes(5)};
  series::Batch batch_;
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
        BadPayload{"Array", "[1]", kParse, "JSON object"},
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

TEST_F(PayloadParserTest, GoesOnAfterARefusedPayload) {
  ASSERT_FALSE(Parse("{\"device_id\":"));
  ASSERT_TRUE(Parse(Payload("D1", 8))) << rejection_.detail;
}

TEST_F(PayloadParserTest, TakesATimestampJustWithinTheLimit) {
  EXPECT_TRUE(Parse(With("timestamp", "\"2026-02-07T11:31:00Z\""))) << rejection_.detail;
}

}  // namespace
}  // namespace energy::telemetry
