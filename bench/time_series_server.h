#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "child_process.h"
#include "http/client.h"

namespace energy::bench {

/// A request as a server wants it, to be sent over any connection to it.
struct Recipe {
  http::Method method = http::Method::kGet;
  std::string target;
  std::string body;
  http::Headers headers;
};

/// A span of time of one device.
struct Span {
  std::string device;
  base::Timestamp start;
  base::Timestamp end;  ///< exclusive
};

/// A store of telemetry that takes line protocol over HTTP: the platform or a peer. Measurement
/// `telemetry`, tag `device_id`, times in nanoseconds.
class TimeSeriesServer {
 public:
  virtual ~TimeSeriesServer() = default;

  virtual std::string name() const = 0;
  virtual uint16_t http_port() const = 0;
  virtual ChildProcess& process() = 0;

  /// To post lines with; the body is missing.
  virtual Recipe Write() const = 0;
  /// All readings of the four fields.
  virtual Recipe Raw(const Span& span) const = 0;
  /// How many readings an answer to Raw holds.
  virtual size_t CountReadings(const std::string& answer) const = 0;
  /// The mean of a field in each hour.
  virtual Recipe HourlyMean(const Span& span, const std::string& field) const = 0;
  /// The means of an answer to HourlyMean, in order.
  virtual std::vector<double> Means(const std::string& answer) const = 0;

  /// Asks for everything to be written in its final form. Errors: kUnavailable.
  virtual base::Status Settle() = 0;
  /// Where the readings are.
  virtual std::vector<std::filesystem::path> DataFolders() const = 0;
};

/// Sends what a recipe says. Errors: kUnavailable, also for an answer that is not 2xx.
base::Result<std::string> Cook(http::Client& client, Recipe recipe);

/// Writes lines over one connection. Errors: kUnavailable.
using PostLines = std::function<base::Status(const std::string& body)>;

/// Calls `work` on as many threads as `connections`, each with a connection of its own to write
/// over, and waits for all. Errors: the first of any.
base::Status WriteOver(
    const TimeSeriesServer& server, unsigned connections,
    const std::function<base::Status(unsigned connection, const PostLines&)>& work);

/// `text` with everything but letters, digits and "-._~" escaped, for a query.
std::string UrlEncode(std::string_view text);

/// Settles, then waits until the size of the data has not changed for `quiet`, a minute at the
/// most. Bytes of the files.
base::Result<double> SettledBytes(TimeSeriesServer& server, std::chrono::seconds quiet);

}  // namespace energy::bench
