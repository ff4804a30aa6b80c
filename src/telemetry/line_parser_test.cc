#include "telemetry/line_parser.h"

#include <cmath>
#include <random>

#include "telemetry/number_text.h"
#include "telemetry/test_support.h"

namespace energy::telemetry {
namespace {

constexpr const char* kFields = "voltage=230.5,current=0.85,power=195.9,temperature=45.2";
constexpr int64_t kSecond = 1'770'463'507;

class LineParserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    platform_.AddDevice("D1");
    platform_.AddDevice("C1", "compressor");
  }
  LineParser::Outcome Parse(const std::string& text) {
    batch_.Clear();
    refusals_.clear();
    table_ = platform_.table->current();
    return parser_.Parse(text,
                         {.devices = *table_,
                          .device = device_.empty() ? nullptr : table_->Find(device_),
                          .limits = {platform_.clock.Now()},
                          .precision = precision_,
                          .default_time = default_time_,
                          .may_write = may_write_},
                         batch_, refusals_);
  }
  // The detail of the only line, which is refused.
  std::string Refused(const std::string& line) {
    EXPECT_EQ(Parse(line).accepted, 0u) << line;
    EXPECT_TRUE(batch_.rows.empty() && batch_.values.empty()) << line;
    if (refusals_.size() != 1) return "refusals: " + std::to_string(refusals_.size());
    EXPECT_EQ(refusals_[0].text, line);
    return std::string(ReasonName(refusals_[0].rejection.reason)) + ": " +
           refusals_[0].rejection.detail;
  }
  static std::string Line(const std::string& key, const std::string& fields = kFields) {
    return key + " " + fields + " " + std::to_string(kSecond) + "000000000";
  }
  std::string DeviceOf(size_t row) {
    return platform_.store->DeviceName(batch_.rows.at(row).device);
  }

  TestPlatform platform_;
  LineParser parser_{*platform_.store};
  std::shared_ptr<const DeviceTable> table_;
  std::string device_;
  Precision precision_ = Precision::kNanoseconds;
  std::optional<base::Timestamp> default_time_;
  std::function<bool(std::string_view)> may_write_;
  Readings batch_;
  Refusals refusals_;
};

TEST_F(LineParserTest, KeepsTheNumberOfAReadingBesideIt) {
  const std::string fields = std::string(kFields) + ",seq=";
  EXPECT_EQ(
      Parse(Line("D1") + "\n" + Line("D1", fields + "41i") + "\n" + Line("D1", fields + "42u"))
          .accepted,
      3u);
  ASSERT_EQ(batch_.sequences.size(), 2u);
  EXPECT_EQ(batch_.sequences[1].row, 2u);
  EXPECT_EQ(batch_.sequences[1].number, 42u);
  EXPECT_NE(Refused(Line("D1", fields + "-1i")).find("seq must be"), std::string::npos);
  EXPECT_EQ(Refused(Line("D1", "seq=1i")), "validation_error: voltage is missing");
}

TEST_F(LineParserTest, TakesLinesOfSeveralDevices) {
  const auto outcome = Parse(Line("telemetry,device_id=D1,site=plant") + "\n\n# a comment\n" +
                             Line("m,device_id=C1", "pressure=7i,running=t,load=-3e-2,n=12u") +
                             "\r\n  " + Line("telemetry,device_id=D1,site=plant"));
  EXPECT_EQ(outcome.accepted, 3u);
  ASSERT_TRUE(refusals_.empty()) << refusals_[0].rejection.detail;
  EXPECT_EQ(batch_.rows[0].time_ns, kSecond * 1'000'000'000);
  EXPECT_EQ(batch_.values, (std::vector<double>{230.5, 0.85, 195.9, 45.2, 7, 1, -0.03, 12, 230.5,
                                                0.85, 195.9, 45.2}));
  EXPECT_EQ(DeviceOf(1), "C1");
  EXPECT_EQ(platform_.store->FieldName(batch_.fields[5]), "running");
  EXPECT_EQ(batch_.rows[2].first, 8u);
}

TEST_F(LineParserTest, FindsTheDeviceByTagThenMeasurementThenHost) {
  EXPECT_EQ(Parse(Line("D1,host=C1")).accepted, 1u);
  EXPECT_EQ(DeviceOf(0), "D1");
  EXPECT_EQ(Parse(Line("cpu,host=C1", "idle=1")).accepted, 1u);
  EXPECT_EQ(DeviceOf(0), "C1");
  EXPECT_EQ(Parse(Line("D1,host=x,device_id=C1", "idle=1")).accepted, 1u);
  EXPECT_EQ(DeviceOf(0), "C1");
  EXPECT_NE(Refused(Line("m,device_id=a\\ b\\,c\\=d", "idle=1")).find("no device 'a b,c=d'"),
            std::string::npos);
  EXPECT_NE(Refused(Line("cpu,cpu=0")).find("unknown_device: no device 'cpu'"), std::string::npos);
  EXPECT_EQ(refusals_[0].device_id, "cpu");
}

TEST_F(LineParserTest, ReadsEachPrecisionAndGivesTheTimeWhereAllowed) {
  const std::string line = std::string("m,device_id=D1 ") + kFields;
  for (const auto& [name, zeros] : {std::pair("s", ""),
                                    {"ms", "000"},
                                    {"us", "000000"},
                                    {"u", "000000"},
                                    {"ns", "000000000"},
                                    {"", "000000000"}}) {
    precision_ = ParsePrecision(name).value();
    ASSERT_EQ(Parse(line + " " + std::to_string(kSecond) + zeros).accepted, 1u) << name;
    EXPECT_EQ(batch_.rows[0].time_ns, kSecond * 1'000'000'000);
  }
  EXPECT_FALSE(ParsePrecision("h").has_value());
  EXPECT_NE(Refused(line).find("timestamp is missing"), std::string::npos);
  default_time_ = platform_.clock.Now();
  EXPECT_EQ(Parse(line + "\n").accepted, 1u);
  EXPECT_EQ(batch_.rows[0].time_ns, platform_.clock.Now().time_since_epoch().count());
}

TEST_F(LineParserTest, RefusesSingleLinesAndNamesThem) {
  const std::string good = Line("m,device_id=D1");
  const std::string text = good + "\n" + Line("m,device_id=D1", "voltage=300") + "\n" +
                           Line("m,device_id=C1", "state=\"a b\\\"\nc\",x=1") + "\n" + good +
                           "\nnonsense\n";
  const auto outcome = Parse(text);  // the refusals show parts of it
  EXPECT_EQ(outcome.accepted, 2u);
  ASSERT_EQ(refusals_.size(), 3u);
  EXPECT_EQ(refusals_[0].number, 2u);
  EXPECT_EQ(refusals_[1].number, 3u);
  EXPECT_EQ(refusals_[1].text, Line("m,device_id=C1", "state=\"a b\\\"\nc\",x=1"));
  EXPECT_EQ(refusals_[2].number, 6u) << "the text of line 3 holds a line break";
  EXPECT_EQ(refusals_[2].text, "nonsense");
}

TEST_F(LineParserTest, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {Line("m,device_id=D1", "voltage=300"), "validation_error: voltage is 300, outside"},
      {Line("m,device_id=D1", "voltage=230"), "validation_error: current is missing"},
      {Line("m,device_id=D1", "humidity=3"), "validation_error: humidity is not a field"},
      {Line("m,device_id=C1", "a=1,a=2"), "validation_error: a is given twice"},
      {Line("m,device_id=C1", "a=\"text\""), "validation_error: a is text"},
      {Line("m,device_id=C1", "a=\"open"), "validation_error: a is text"},
      {Line("m,device_id=C1", "a=NaN"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a=inf"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a=-inf"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a=1e999"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a=1.5i"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a=-1u"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a=1x"), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "a="), "parse_error: a must be a number"},
      {Line("m,device_id=C1", "=1"), "no name or no value"},
      {Line("m,device_id=C1", "a"), "no name or no value"},
      {Line("m,device_id=C1", "a=1,"), "no name or no value"},
      {Line("m,device_id=C1", "a\\ b=1"), "a field's name takes"},
      {"m,device_id=C1", "there is no field"},
      {"m,device_id=C1 a=1 12x", "timestamp is no whole number of ns"},
      {"m,device_id=C1 a=1 99999999999999999999", "timestamp is no whole number"},
      {"m,device_id=C1 a=1 9223372036854775807", "in the future"},
      {Line(",device_id=C1", "a=1"), "measurement is missing"},
      {Line("m,device_id", "a=1"), "tag 'device_id' has no name or no value"},
      {Line("m,device_id=", "a=1"), "has no name or no value"}};
  for (const auto& [line, detail] : cases) {
    EXPECT_NE(Refused(line).find(detail), std::string::npos) << line << "\n" << Refused(line);
  }
  precision_ = Precision::kSeconds;
  EXPECT_NE(Refused("m,device_id=C1 a=1 99999999999").find("too large"), std::string::npos);
}

TEST_F(LineParserTest, OnADevicesTopicTheTopicDecides) {
  device_ = "D1";
  EXPECT_EQ(Parse(Line("whatever")).accepted, 1u);
  EXPECT_EQ(Parse(Line("whatever,device_id=D1")).accepted, 1u);
  EXPECT_NE(Refused(Line("m,device_id=C1")).find("device_id is 'C1' but the topic is of 'D1'"),
            std::string::npos);
}

TEST_F(LineParserTest, StopsAtADeviceThatMayNotBeWritten) {
  may_write_ = [](std::string_view device) { return device == "D1"; };
  const auto outcome = Parse(Line("m,device_id=D1") + "\n" + Line("m,device_id=C1", "a=1"));
  EXPECT_EQ(outcome.forbidden_line, 2u);
  EXPECT_EQ(outcome.forbidden_device, "C1");
}

TEST_F(LineParserTest, NoticesThatADeviceBecameKnown) {
  EXPECT_EQ(Parse(Line("m,device_id=D7")).accepted, 0u);
  platform_.AddDevice("D7");
  EXPECT_EQ(Parse(Line("m,device_id=D7")).accepted, 1u);
}

TEST(ParseNumber, GivesTheSameDoubleAsTheLibrary) {
  std::mt19937_64 random(7);
  std::vector<std::string> texts{"0",
                                 "-0",
                                 "1.",
                                 ".5",
                                 "-.5",
                                 "9007199254740993",
                                 "1e22",
                                 "1e-5",
                                 "123",
                                 "0.1e10",
                                 "00.10",
                                 "5e-324",
                                 "1.7976931348623157e308",
                                 "123456789012345678901234567890",
                                 "0.000000000000000000000000123"};
  for (int i = 0; i < 20'000; ++i) {
    char text[64];
    const double value =
        std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 150);
    std::snprintf(text, sizeof text, i % 2 == 0 ? "%.6g" : "%.17g", value);
    texts.emplace_back(text);
    std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random() % 6),
                  static_cast<double>(random() % 10'000'000) / 1000);
    texts.emplace_back(text);
  }
  for (const std::string& text : texts) {
    double value = 0;
    ASSERT_EQ(ParseNumber(text.data(), text.data() + text.size(), value), text.data() + text.size())
        << text;
    ASSERT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
    ASSERT_EQ(std::signbit(value), text[0] == '-') << text;
  }
  for (const std::string text : {"", "-", "+", ".", "e5", "inf", "-nan", "--1", "1e400"}) {
    double value = 0;
    EXPECT_EQ(ParseNumber(text.data(), text.data() + text.size(), value), nullptr) << text;
  }
}

}  // namespace
}  // namespace energy::telemetry
