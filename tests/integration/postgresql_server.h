#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "integration/temporary_folder.h"

namespace energy::integration {

/// A PostgreSQL of a test, on a free port and in a folder of its own, which can go and come back.
/// It dies with the thread that started it. Threads: one. Throws std::runtime_error when the server
/// does not do as asked.
class PostgresqlServer {
 public:
  /// Starts it and waits until it serves.
  PostgresqlServer();
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  std::string url() const;

  /// Ends it with all its connections; Start has the same data again.
  void Stop();
  void Start();
  /// Its processes stand still (SIGSTOP): connections stay, nothing is answered.
  void Freeze();
  void Thaw();

 private:
  void SignalAll(int signal) const;

  TemporaryFolder folder_;
  uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace energy::integration
