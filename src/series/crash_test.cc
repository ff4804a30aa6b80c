#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBase = 1'700'000'000 * kSecond;
constexpr int kReportFd = 3;
constexpr const char* kFolderVariable = "SERIES_CRASH_FOLDER";
constexpr const char* kFirstVariable = "SERIES_CRASH_FIRST_BATCH";

constexpr int64_t kLivePerBatch = 10;

EmbeddedOptions Options(const std::filesystem::path& path) {
  EmbeddedOptions options;
  options.path = path;
  options.head_bytes = 1 << 16;          // seals all the time
  options.write_buffer_bytes = 1 << 16;  // and flushes
  options.chunk_readings = 32;
  return options;
}

int64_t LateTime(int64_t batch) { return kBase + batch * 7919 % 1000 * kSecond; }

// Batch i: readings in order of one device, and one late or overwriting reading of another.
Batch MakeBatch(int64_t i) {
  Batch batch;
  const FieldRef field = 0;
  for (int64_t r = i * kLivePerBatch; r < (i + 1) * kLivePerBatch; ++r) {
    const double value = static_cast<double>(r) / 10;
    batch.Add(0, kBase + r * kSecond, {&field, 1}, {&value, 1});
  }
  const double value = static_cast<double>(i);
  batch.Add(1, LateTime(i), {&field, 1}, {&value, 1});
  return batch;
}

// Run by CrashTest in a process of its own, which it kills.
TEST(CrashChild, DISABLED_AppendsUntilKilled) {
  const char* folder = std::getenv(kFolderVariable);
  const char* first = std::getenv(kFirstVariable);
  if (folder == nullptr || first == nullptr) GTEST_SKIP() << "only for Crash.LosesNothing...";
  base::SystemClock clock;
  base::Metrics metrics;
  auto store = EmbeddedStore::Open(Options(folder), clock, base::NullLogger(), metrics);
  ASSERT_TRUE(store.ok()) << store.status().ToString();
  ASSERT_TRUE((*store)->OpenDevice("live").ok());
  ASSERT_TRUE((*store)->OpenDevice("late").ok());
  ASSERT_TRUE((*store)->OpenField("power_w").ok());
  ASSERT_TRUE((*store)->Start().ok());
  for (int64_t i = std::atoll(first); i < 1'000'000; ++i) {
    const base::Status status = (*store)->Append(MakeBatch(i));
    ASSERT_TRUE(status.ok()) << status.ToString();
    const int64_t acknowledged = i + 1;
    ASSERT_EQ(write(kReportFd, &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged));
  }
}

// Starts the child, lets it acknowledge `batches` more, kills it; how many it acknowledged in all.
int64_t RunAndKill(const std::filesystem::path& folder, int64_t first, int64_t batches) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "pipe2";
    return first;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, report[1], kReportFd);
  const std::string folder_text = std::string(kFolderVariable) + "=" + folder.string();
  const std::string first_text = std::string(kFirstVariable) + "=" + std::to_string(first);
  std::vector<char*> environment = {const_cast<char*>(folder_text.c_str()),
                                    const_cast<char*>(first_text.c_str()), nullptr};
  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=CrashChild.*";
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

std::map<int64_t, double> ReadDevice(const EmbeddedStore& store, DeviceRef device) {
  const auto series = store.Read({.device = device,
                                  .start_ns = 0,
                                  .end_ns = 2 * kBase,
                                  .fields = {0},
                                  .limit = 10'000'000,
                                  .newest_first = false});
  EXPECT_TRUE(series.ok()) << series.status().ToString();
  std::map<int64_t, double> readings;
  for (size_t r = 0; r < series->time_ns.size(); ++r) {
    readings[series->time_ns[r]] = series->columns[0][r];
  }
  return readings;
}

// A kill at any moment leaves whole batches: all that were acknowledged and perhaps the one after.
TEST(Crash, LosesNothingAcknowledgedAndTearsNoBatch) {
  TemporaryFolder folder;
  std::mt19937_64 random(41);
  int64_t batches = 0;
  for (int round = 0; round < 6; ++round) {
    const int64_t acknowledged =
        RunAndKill(folder.path(), batches, 20 + static_cast<int64_t>(random() % 400));
    base::SystemClock clock;
    base::Metrics metrics;
    auto store = EmbeddedStore::Open(Options(folder.path()), clock, base::NullLogger(), metrics);
    ASSERT_TRUE(store.ok()) << store.status().ToString();

    const auto live = ReadDevice(**store, 0);
    ASSERT_EQ(live.size() % kLivePerBatch, 0u);
    batches = static_cast<int64_t>(live.size()) / kLivePerBatch;
    ASSERT_GE(batches, acknowledged) << "round " << round;
    ASSERT_LE(batches, acknowledged + 1) << "round " << round;
    for (int64_t r = 0; r < batches * kLivePerBatch; ++r) {
      ASSERT_EQ(live.at(kBase + r * kSecond), static_cast<double>(r) / 10);
    }
    std::map<int64_t, double> late;
    for (int64_t i = 0; i < batches; ++i) late[LateTime(i)] = static_cast<double>(i);
    ASSERT_EQ(ReadDevice(**store, 1), late) << "round " << round;
  }
}

}  // namespace
}  // namespace energy::series
