#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/service.h"

namespace energy::maintenance {

/// A socket in the data folder by which a command of the same user asks the running program for a
/// snapshot of its stores: the folder's mode and the socket's (0600) are the login.
///
/// Protocol: the client writes "snapshot\n"; the answer is one line of JSON, {"folder": PATH} or
/// {"error": TEXT}. The snapshot is there until the client closes the connection.
///
/// Threads: one of its own, which makes the snapshots.
class SnapshotServer final : public base::Service {
 public:
  /// Fills the new folder.
  using MakeSnapshot = std::function<base::Status(const std::filesystem::path& folder)>;

  SnapshotServer(std::filesystem::path data_dir, MakeSnapshot make, base::Logger logger);
  ~SnapshotServer() override;

  std::string_view name() const override { return "snapshots"; }
  /// Errors: kUnavailable when the socket cannot be made.
  base::Status Start() override;
  /// Waits for a snapshot that is being made.
  void Stop() override;

 private:
  void Run();
  void Accept();
  std::string Answer();
  void EndSession();

  const std::filesystem::path data_dir_;
  const MakeSnapshot make_;
  const base::Logger logger_;
  int listener_ = -1;
  int stop_event_ = -1;
  int session_ = -1;  // of the thread
  std::thread thread_;
};

/// A snapshot that the running program holds for this object. Threads: one.
class RemoteSnapshot {
 public:
  /// Nothing when no program serves the data folder. Errors: kUnavailable with the program's
  /// reason, or when it is another user's.
  static base::Result<std::optional<RemoteSnapshot>> Open(const std::filesystem::path& data_dir);
  RemoteSnapshot(RemoteSnapshot&& other) noexcept;
  RemoteSnapshot& operator=(RemoteSnapshot&&) = delete;
  ~RemoteSnapshot();

  const std::filesystem::path& folder() const { return folder_; }

 private:
  RemoteSnapshot(int socket, std::filesystem::path folder)
      : socket_(socket), folder_(std::move(folder)) {}
  int socket_;
  std::filesystem::path folder_;
};

/// Where the snapshot of a data folder is while it exists: on its file system, so that it costs
/// links only.
std::filesystem::path SnapshotFolder(const std::filesystem::path& data_dir);

}  // namespace energy::maintenance
