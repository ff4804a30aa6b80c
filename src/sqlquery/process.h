#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "sqlquery/channel.h"

namespace energy::sqlquery {

/// The program that is started as a helper: one whose main calls RunHelper for these arguments.
struct HelperCommand {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments{"sql-helper"};
};

/// One helper process, for one query. It is killed, whatever it does, when this object goes.
/// Threads: one at a time.
class SqlHelper {
 public:
  /// Starts it with an empty environment and no descriptor but its own. Cost: about 1 ms here; it
  /// is ready some 50 ms later. Errors: kUnavailable when the system gives no process.
  static base::Result<std::unique_ptr<SqlHelper>> Start(const HelperCommand& command);
  ~SqlHelper();
  SqlHelper(const SqlHelper&) = delete;
  SqlHelper& operator=(const SqlHelper&) = delete;

  Channel& channel() { return channel_; }
  /// From now on it has the lowest priority.
  void YieldToOthers() const;
  /// What the helper wrote to its file. Errors: kTooLarge when that is over `limit`.
  base::Result<std::string> ReadFile(uint64_t limit) const;
  /// Waits for the end of a helper that closed its channel: why it ended, for the user.
  base::Status WhyItEnded();

 private:
  SqlHelper(pid_t pid, int socket, int file) : pid_(pid), channel_(socket), file_(file) {}

  pid_t pid_;
  Channel channel_;
  int file_;  // in memory, without a name
};

}  // namespace energy::sqlquery
