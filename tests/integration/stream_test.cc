
#include <algorithm>

#include "http/test_support.h"
#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

constexpr int64_t kReadings = 600'000;
constexpr int64_t kRequestReadings = 100'000;
constexpr size_t kMiB = size_t{1} << 20;

// Long answers of the running program, as they leave it.
class Stream : public Api {
 protected:
  void SetUp() override {
    // What is not sealed yet is copied for a read, so that there must be little of it.
    Start({{"ENERGY_SERIES__HEAD_BYTES", "2097152"}});
    api().PostData("/api/devices", {{"id", "M1"}, {"name", "m"}, {"type", "meter"}});
    from_ = std::chrono::floor<std::chrono::hours>(NowMs()) - std::chrono::hours(24 * 40);
    const int64_t start =
        std::chrono::duration_cast<std::chrono::seconds>(from_.time_since_epoch()).count();
    for (int64_t i = 0; i < kReadings;) {
      std::string lines;
      for (const int64_t end = i + kRequestReadings; i < end; ++i) {
        lines += "m,device_id=M1 a=" + std::to_string(i % 5000) + ".25,b=" + std::to_string(i) +
                 " " + std::to_string(start + i * 5) + "\n";
      }
      const Answer written = api().Call(http::Method::kPost, "/write?precision=s", lines);
      ASSERT_EQ(written.status, 204) << written.response.Body();
    }
  }

  void Ask(http::RawConnection& raw, const std::string& accept) {
    raw.Send("GET /api/data/telemetry/M1?all=true&start=" + base::FormatTimestamp(from_) +
             " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: " + accept +
             "\r\nAuthorization: Bearer " + api().token() + "\r\n\r\n");
  }

  base::Timestamp from_;
};

// The memory that the program takes for an answer does not grow with its length, in any form; the
// first bytes come before the last reading is read.
TEST_F(Stream, ALongAnswerNeedsNoMemoryForItsLength) {
  struct Form {
    const char* accept;
    size_t least_bytes;
  };
  for (const Form& form : {Form{"application/json", 38 * kMiB}, Form{"text/csv", 18 * kMiB},
                           Form{"application/vnd.apache.arrow.stream", 13 * kMiB},
                           Form{"application/vnd.apache.parquet", 3 * kMiB}}) {
    SCOPED_TRACE(form.accept);
    http::RawConnection raw(platform().http_port());
    Ask(raw, form.accept);
    const std::string head = raw.ReadUntil("\r\n\r\n");
    ASSERT_NE(head.find(" 200 "), std::string::npos) << head;
    EXPECT_NE(head.find("X-Source: raw"), std::string::npos) << head;
    const size_t before = platform().process().ResidentBytes();
    size_t most = before;
    size_t bytes = 0;
    while (!raw.closed()) {
      const std::string piece = raw.ReadUntil("\r\n");
      bytes += piece.size();
      if (bytes / kMiB != (bytes - piece.size()) / kMiB)
        most = std::max(most, platform().process().ResidentBytes());
    }
    EXPECT_GT(bytes, form.least_bytes);
#if !defined(__SANITIZE_ADDRESS__)  // which keeps freed memory for a while
    // Blocks of the store's cache, buffers of the allocator, two pieces.
    EXPECT_LT(most - before, 24 * kMiB) << bytes;
#endif
  }
}

}  // namespace
}  // namespace energy::integration
