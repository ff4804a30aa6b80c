#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "simulator/bulb_model.h"

namespace energy::bench {

inline constexpr size_t kLinesPerRequest = 5'000;

/// Telemetry of simulated bulbs (LLD §6.2, device i draws from seed i) at a fixed interval.
struct DataSet {
  std::string prefix = "D";  ///< devices are <prefix>1 and on
  unsigned devices = 10;
  std::chrono::seconds interval{5};
  base::Timestamp start;
  base::Timestamp end;  ///< exclusive

  size_t readings() const { return devices * static_cast<size_t>((end - start) / interval); }
  /// Ends at the last midnight before `now`.
  static DataSet UpTo(base::Timestamp now, unsigned devices, std::chrono::days days,
                      std::chrono::seconds interval);
};

/// The bodies of the requests that write the devices [first, last] (from 1 on), 5,000 lines of line
/// protocol each, in the order in which the readings happen.
class LineStream {
 public:
  LineStream(const DataSet& data, unsigned first, unsigned last);

  /// The next body. False at the end.
  bool Next(std::string& body);

 private:
  const DataSet data_;
  std::vector<simulator::BulbModel> models_;
  std::vector<std::string> names_;
  base::Timestamp time_;
  size_t device_ = 0;  // of the next line, in names_
};

class TimeSeriesServer;

/// Loads the data set over `connections` connections, on which the devices are spread, made as it
/// is sent. Errors: kUnavailable.
base::Status PostAll(const TimeSeriesServer& server, const DataSet& data, unsigned connections);

}  // namespace energy::bench
