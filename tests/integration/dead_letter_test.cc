#include <csignal>

#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Bad {
  std::string name;
  std::string payload;
  std::string reason;
  std::string detail;  ///< must be part of the letter's
};

// Names and values after "device_id" and "timestamp" of an otherwise good payload.
std::string Fields(const std::string& fields, const std::string& time) {
  return R"({"device_id":"D1","timestamp":")" + time + R"(",)" + fields + "}";
}

std::vector<Bad> BadPayloads() {
  using namespace std::string_literals;
  const std::string now = base::FormatTimestamp(NowMs());
  const std::string good = R"("voltage":230,"current":1,"power":200,"temperature":40)";
  const std::string parse = "parse_error";
  const std::string value = "validation_error";
  const auto with = [&](const std::string& fields) { return Fields(fields, now); };
  const auto at = [&](const std::string& time) { return Fields(good, time); };
  const auto voltage = [&](const std::string& text) {
    return with(R"("voltage":)" + text + R"(,"current":1,"power":200,"temperature":40)");
  };
  std::string nested = R"({"device_id":"D1","deep":)";
  for (int i = 0; i < 100'000; ++i) nested += '[';
  return {
      {"empty", "", parse, "JSON"},
      {"blank", "   ", parse, "JSON"},
      {"text", "voltage=230", parse, "there is no field"},
      {"an array", "[1]", parse, "an array of JSON objects"},
      {"an empty array", "[]", value, "the array has no reading"},
      {"a number", "42", parse, "JSON object"},
      {"null", "null", parse, "JSON object"},
      {"cut off", with(good).substr(0, 60), parse, ""},
      {"a comma too many", with(good + ","), parse, ""},
      {"single quotes", "{'device_id':'D1'}", parse, ""},
      {"text after the object", with(good) + " {}x", parse, ""},
      {"a brace too many", with(good) + "}", parse, "after"},
      {"two objects", with(good) + with(good), parse, "after"},
      {"binary", "\x00\xff\xfe\x80\x01"s, parse, "JSON"},
      {"no UTF-8", with(good + ",\"x\xc3\x28\":1"), parse, ""},
      {"deeply nested arrays", std::string(100'000, '['), parse, "malformed JSON"},
      {"deeply nested value", nested, parse, ""},
      {"huge", std::string(900'000, 'x'), parse, "JSON"},
      {"NaN", voltage("NaN"), value, "voltage must be a number"},
      {"Infinity", voltage("-Infinity"), value, "voltage must be a number"},
      {"hexadecimal", voltage("0xE6"), value, "voltage must be a number"},
      {"leading zero", voltage("0230"), value, "voltage must be a number"},

      {"empty object", "{}", value, "device_id is missing"},
      {"no device_id", R"({"timestamp":")" + now + R"(",)" + good + "}", value,
       "device_id is missing"},
      {"device_id of another", R"({"device_id":"D2","timestamp":")" + now + R"(",)" + good + "}",
       value, "device_id is 'D2' but the topic is of 'D1'"},
      {"device_id a number", R"({"device_id":1,"timestamp":")" + now + R"(",)" + good + "}", value,
       "device_id must be text"},
      {"device_id twice", with(R"("device_id":"D1",)" + good), value, "device_id is given twice"},
      {"no timestamp", R"({"device_id":"D1",)" + good + "}", value, "timestamp is missing"},
      {"timestamp twice", with(R"("timestamp":")" + now + R"(",)" + good), value,
       "timestamp is given twice"},
      {"timestamp without offset", at("2026-02-07T11:26:00"), value, "with an offset"},
      {"timestamp as a number", R"({"device_id":"D1","timestamp":1770463560,)" + good + "}", value,
       "RFC 3339"},
      {"timestamp of no calendar", at("2026-02-30T11:26:00Z"), value, "RFC 3339"},
      {"timestamp in 10 minutes", at(base::FormatTimestamp(NowMs() + minutes(10))), value,
       "in the future"},
      {"timestamp in 100 years", at("2126-02-07T11:26:00Z"), value, "in the future"},
      {"a field is missing", with(R"("voltage":230,"current":1,"power":200)"), value,
       "temperature is missing"},
      {"an unknown field", with(good + R"(,"humidity":50)"), value,
       "humidity is not a field of the profile 'bulb'"},
      {"a field twice", with(good + R"(,"voltage":231)"), value, "voltage is given twice"},
      {"too high", voltage("250.0001"), value, "voltage is 250.0001, outside 200 to 250"},
      {"too low", voltage("199.9"), value, "voltage is 199.9, outside 200 to 250"},
      {"negative", voltage("-230"), value, "outside 200 to 250"},
      {"text for a number", voltage("\"230\""), value, "voltage must be a number"},
      {"null for a number", voltage("null"), value, "voltage must be a number"},
      {"true for a number", voltage("true"), value, "voltage must be a number"},
      {"an object for a number", voltage("{\"v\":230}"), value, "voltage must be a number"},
      {"a list for a number", voltage("[230]"), value, "voltage must be a number"},
  };
}

class DeadLetters : public PlatformTest {
 protected:
  base::Json List(const std::string& query = "") {
    return api().GetData("/api/data/dead-letters" + query);
  }
};

TEST_F(DeadLetters, EveryBadPayloadIsAcknowledgedAndKeptWithItsReason) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  int64_t count = 0;
  int64_t parse_errors = 0;
  for (const Bad& bad : BadPayloads()) {
    SCOPED_TRACE(bad.name);
    const base::Status status = Publish(*client, device.topic, bad.payload);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const base::Json list = List("?page_size=1");
    ASSERT_EQ(list.at("total"), ++count);
    const base::Json letter = list.at("dead_letters").at(0);
    EXPECT_EQ(letter.at("reason"), bad.reason) << letter.at("detail");
    parse_errors += letter.at("reason") == "parse_error" ? 1 : 0;
    EXPECT_NE(letter.at("detail").get<std::string>().find(bad.detail), std::string::npos)
        << letter.at("detail");
    EXPECT_EQ(letter.at("device_id"), "D1");
    EXPECT_EQ(letter.at("topic"), "devices/D1/telemetry");
    if (bad.name == "binary") {
      EXPECT_EQ(letter.at("payload_base64"), "AP/+gAE=");
    } else if (bad.name == "an array") {
      EXPECT_EQ(letter.at("payload"), "1") << "each refused reading has its own letter";
    } else if (bad.name != "no UTF-8") {
      EXPECT_TRUE(letter.at("payload") == bad.payload);
      EXPECT_FALSE(letter.contains("payload_base64"));
    }
    const auto received = base::ParseTimestamp(letter.at("received_at").get<std::string>());
    ASSERT_TRUE(received.ok());
    EXPECT_LT(std::chrono::abs(*received - NowMs()), minutes(5));
  }

  // None of it became a reading, and the connection still takes good ones.
  EXPECT_TRUE(Stored("D1", NowMs() - hours(24 * 365), NowMs() + hours(1)).empty());
  EXPECT_TRUE(Publish(*client, device, {NowMs()}).ok());
  EXPECT_EQ(Stored("D1", NowMs() - hours(24 * 365), NowMs() + hours(1)).size(), 1U);

  EXPECT_EQ(List("?reason=parse_error").at("total"), parse_errors);
  EXPECT_EQ(List("?reason=validation_error").at("total"), count - parse_errors);
  EXPECT_EQ(List("?reason=write_error").at("total"), 0);
  EXPECT_EQ(List("?device_id=D1").at("total"), count);
  EXPECT_EQ(List("?device_id=D2").at("total"), 0);
  EXPECT_EQ(List("?end=" + base::FormatTimestamp(NowMs() - hours(1))).at("total"), 0);
  EXPECT_EQ(List("?start=" + base::FormatTimestamp(NowMs() - hours(1))).at("total"), count);
  EXPECT_EQ(List("?page=3&page_size=10").at("dead_letters").size(), 10U);
  EXPECT_EQ(api().Get("/api/data/dead-letters?reason=bad_luck").status, 400);
  EXPECT_EQ(api().GetData("/api/data/ingest").at("rejected_total"), count);
  EXPECT_TRUE(WaitUntil([&] {
    return api()
               .Get("/metrics")
               .response.Body()
               .find("telemetry_rejected_total{reason=\"parse_error\"} " +
                     std::to_string(parse_errors)) != std::string::npos;
  }));
}

TEST_F(DeadLetters, SurviveAKill) {
  Start();
  const Credential device = api().MakeDevice("D1");
  ASSERT_TRUE(Publish(*Connect(device), device.topic, "no JSON").ok());
  Restart(SIGKILL);
  EXPECT_EQ(List().at("dead_letters").at(0).at("payload"), "no JSON");
}

TEST_F(DeadLetters, AnUnknownDeviceIsOne) {
  Start({{"ENERGY_MQTT__ALLOW_ANONYMOUS", "true"}});
  mqtt::ClientOptions options;
  options.reconnect = false;
  mqtt::Client client(options);
  ASSERT_TRUE(client.Connect("127.0.0.1", platform().mqtt_port()).ok());
  const std::string payload = ToPayload("ghost", {NowMs()});
  ASSERT_TRUE(Publish(client, "devices/ghost/telemetry", payload).ok());
  const base::Json letter = List().at("dead_letters").at(0);
  EXPECT_EQ(letter.at("reason"), "unknown_device");
  EXPECT_EQ(letter.at("device_id"), "ghost");
  EXPECT_EQ(letter.at("payload"), payload);
  EXPECT_EQ(letter.at("detail"), "no device 'ghost' is registered: create it first");
  EXPECT_EQ(api().Get("/api/data/telemetry/ghost").status, 404);

  // Registered, it is known at once.
  const Credential ghost = api().MakeDevice("ghost");
  ASSERT_TRUE(Publish(client, ghost, {NowMs()}).ok());
  EXPECT_EQ(Stored("ghost", NowMs() - hours(1), NowMs() + hours(1)).size(), 1U);
  EXPECT_EQ(List().at("total"), 1);
}

// A type without a profile takes any number under any sensible name.
TEST_F(DeadLetters, ADeviceWithoutAProfileIsCheckedForShape) {
  Start();
  const Credential device = api().MakeDevice("D1", "pump");
  const auto client = Connect(device);
  const std::string now = base::FormatTimestamp(NowMs());
  ASSERT_TRUE(Publish(*client, device.topic, Fields(R"("flow":-1e300,"rpm":0)", now)).ok());
  EXPECT_EQ(List().at("total"), 0);
  const std::vector<std::pair<std::string, std::string>> bad{
      {R"("flow":1e999)", "flow"},
      {R"("a b":1)", "name"},
      {R"("":1)", "name"},
      {R"("flow":1,"flow":2)", "flow is given twice"},
      {R"("flow":{})", "flow must be a number"}};
  int64_t count = 0;
  for (const auto& [fields, detail] : bad) {
    SCOPED_TRACE(fields);
    ASSERT_TRUE(Publish(*client, device.topic, Fields(fields, now)).ok());
    const base::Json list = List("?page_size=1");
    ASSERT_EQ(list.at("total"), ++count);
    EXPECT_NE(list.at("dead_letters").at(0).at("detail").get<std::string>().find(detail),
              std::string::npos)
        << list;
  }
}

TEST_F(DeadLetters, APacketOverTheLimitIsNotAccepted) {
  Start({{"ENERGY_MQTT__MAX_PACKET_BYTES", "4096"}});
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  EXPECT_FALSE(Publish(*client, device.topic, std::string(5000, 'x')).ok());
  EXPECT_EQ(List().at("total"), 0);
  EXPECT_TRUE(Publish(*Connect(device), device, {NowMs()}).ok());
}

}  // namespace
}  // namespace energy::integration
