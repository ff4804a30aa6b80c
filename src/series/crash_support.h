#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {

/// What a test that RunAndKill runs in a process of its own has to do: append batches from `first`
/// on, and say of each that it is acknowledged.
struct CrashTask {
  static constexpr int kReportFd = 3;
  static constexpr const char* kFolder = "SERIES_CRASH_FOLDER";
  static constexpr const char* kFirst = "SERIES_CRASH_FIRST_BATCH";

  /// Nothing in a process that RunAndKill did not start.
  static std::optional<CrashTask> OfThisProcess() {
    const char* folder = std::getenv(kFolder);
    const char* first = std::getenv(kFirst);
    if (folder == nullptr || first == nullptr) return std::nullopt;
    return CrashTask{.folder = folder, .first = std::atoll(first)};
  }
  /// `batches`: how many are acknowledged in all.
  static void Acknowledge(int64_t batches) {
    ASSERT_EQ(write(kReportFd, &batches, sizeof batches), static_cast<ssize_t>(sizeof batches));
  }

  std::filesystem::path folder;
  int64_t first = 0;
};

/// What such a test does: opens the store with its devices and the field "power_w", and appends
/// what `make_batch` gives for each number until it is killed.
inline void AppendUntilKilled(const CrashTask& task, const EmbeddedOptions& options,
                              const std::vector<std::string>& devices,
                              Batch (*make_batch)(int64_t)) {
  base::SystemClock clock;
  base::Metrics metrics;
  auto store = EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
  ASSERT_TRUE(store.ok()) << store.status().ToString();
  for (DeviceRef device = 0; device < devices.size(); ++device) {
    ASSERT_EQ(*(*store)->OpenDevice(devices[device]), device);
  }
  ASSERT_TRUE((*store)->OpenField("power_w").ok());
  ASSERT_TRUE((*store)->Start().ok());
  for (int64_t i = task.first; i < 1'000'000; ++i) {
    const base::Status status = (*store)->Append(make_batch(i));
    ASSERT_TRUE(status.ok()) << status.ToString();
    task.Acknowledge(i + 1);
  }
}

/// Runs the test `child` in a process of its own, lets it acknowledge `batches` more, kills it;
/// answers how many it acknowledged in all.
inline int64_t RunAndKill(const std::string& child, const std::filesystem::path& folder,
                          int64_t first, int64_t batches) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "pipe2";
    return first;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, report[1], CrashTask::kReportFd);
  const std::string folder_text = std::string(CrashTask::kFolder) + "=" + folder.string();
  const std::string first_text = std::string(CrashTask::kFirst) + "=" + std::to_string(first);
  std::vector<char*> environment = {const_cast<char*>(folder_text.c_str()),
                                    const_cast<char*>(first_text.c_str()), nullptr};
  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=" + child;
  std::string disabled = "--gtest_also_run_disabled_tests";
  std::vector<char*> arguments = {program.data(), filter.data(), disabled.data(), nullptr};
  pid_t pid = 0;
  const int spawned =
      posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  close(report[1]);
  EXPECT_EQ(spawned, 0);
  int64_t acknowledged = first;
  int64_t next = 0;
  while (acknowledged < first + batches && read(report[0], &next, sizeof next) == sizeof next) {
    acknowledged = next;
  }
  EXPECT_GE(acknowledged, first + batches) << "the child ended by itself";
  kill(pid, SIGKILL);
  // What it acknowledged before the signal reached it counts too.
  while (read(report[0], &next, sizeof next) == sizeof next) acknowledged = next;
  close(report[0]);
  waitpid(pid, nullptr, 0);
  return acknowledged;
}

}  // namespace energy::series
