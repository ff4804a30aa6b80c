#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "sql/connect.h"
#include "sql/session.h"

namespace energy::sql {

/// The sessions of a Database and the turns of its writers.
///
/// PostgreSQL is asked for an answer twice a second on a session of its own. While it gives none
/// Borrow refuses at once, so that no thread waits for a server that is away, and Health tells why.
/// Threads: safe anywhere.
class Pool {
 public:
  Pool(Address address, std::chrono::milliseconds wait_limit, base::Logger logger);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Before everything else. Errors: kUnavailable.
  base::Status Open(unsigned sessions);

  const Address& address() const { return address_; }
  const base::Logger& logger() const { return logger_; }

  /// A session that is connected, until GiveBack. Waits until the limit. Errors: kUnavailable.
  base::Result<Session*> Borrow();
  void GiveBack(Session* session);

  /// SQLite has one writer. Waiting here wakes at once; waiting in SQLite polls. Taken before a
  /// session, so that waiting writers leave the sessions to readers. False after the limit.
  bool EnterWriter();
  void LeaveWriter();

  /// Of PostgreSQL, as found last, with the cause; at once.
  base::Status Health();

 private:
  std::unique_ptr<Session> MakeSession(std::chrono::milliseconds answer_limit);
  base::Result<Session*> Take();
  base::Status Probe();
  void SetHealth(const base::Status& status);
  void ProbeUntil(const std::stop_token& stop);
  void CutUntil(const std::stop_token& stop);

  const Address address_;
  const std::chrono::milliseconds wait_limit_;
  const base::Logger logger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Session>> sessions_;  // constant once open
  std::unique_ptr<Session> probe_;                  // used by one thread at a time
  std::vector<Session*> idle_;                      // guarded by mutex_
  std::condition_variable writer_left_;
  bool writing_ = false;  // guarded by mutex_
  base::Status health_;   // guarded by mutex_
  std::jthread cutter_;
  std::jthread prober_;
};

}  // namespace energy::sql
