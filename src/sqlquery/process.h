#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "sqlquery/channel.h"
#include "sqlquery/window.h"

namespace energy::sqlquery {

/// The program that is started as the template: one whose main calls RunHelper for these arguments.
struct HelperCommand {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments{"sql-helper"};
};

/// One helper process, for one query. It is killed, whatever it does, when this object goes.
/// Threads: one at a time.
class SqlHelper {
 public:
  ~SqlHelper();
  SqlHelper(const SqlHelper&) = delete;
  SqlHelper& operator=(const SqlHelper&) = delete;

  Channel& channel() { return channel_; }
  /// The room of a scan, for its blocks.
  Room RoomOf(size_t scan) const { return window_.RoomOf(scan); }
  /// From now on it has the lowest priority.
  void YieldToOthers() const;
  /// What the helper wrote to its file. Errors: kTooLarge when that is over `limit`.
  base::Result<std::string> ReadFile(uint64_t limit) const;
  /// Waits for the end of a helper that closed its channel: why it ended, for the user.
  base::Status WhyItEnded();

 private:
  friend class HelperTemplate;
  SqlHelper(int socket, int file, Window window)
      : channel_(socket), file_(file), window_(std::move(window)) {}
  /// The helper says which process it is. Errors: kUnavailable when there is none.
  base::Status AwaitReady();

  pid_t pid_ = -1;
  Channel channel_;
  int file_;  // in memory, without a name
  Window window_;
};

/// A process that has opened DuckDB and touched its code, and never sees a statement. Each helper
/// is a copy of it, because a copy takes a millisecond and a start takes fifty.
///
/// The system ends the processes when the thread that started the template ends.
///
/// Threads: safe anywhere.
class HelperTemplate {
 public:
  explicit HelperTemplate(HelperCommand command) : command_(std::move(command)) {}
  ~HelperTemplate() { Stop(); }
  HelperTemplate(const HelperTemplate&) = delete;
  HelperTemplate& operator=(const HelperTemplate&) = delete;

  /// A new helper; the first one takes the start of the template, and so does one that finds it
  /// gone. `check`: as in Channel, while it waits.
  /// Errors: kUnavailable when the system gives no process; that of `check`.
  base::Result<std::unique_ptr<SqlHelper>> Copy(const Check& check);
  /// Ends it. The next Copy starts another one.
  void Stop();

  /// -1 while there is none.
  pid_t pid() const;

 private:
  /// Announces a helper with these descriptors, to `*asked`. Errors: kUnavailable.
  base::Status Announce(int socket, int file, int window, pid_t* asked);
  base::Status Start();
  void End();
  /// Ends it unless another one was started meanwhile.
  void EndIf(pid_t pid);

  const HelperCommand command_;
  mutable std::mutex mutex_;
  pid_t pid_ = -1;   // guarded by mutex_
  int socket_ = -1;  // guarded by mutex_
};

}  // namespace energy::sqlquery
