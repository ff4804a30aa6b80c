#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "audit/audit.h"
#include "auth/hash.h"
#include "base/temporary_folder.h"
#include "maintenance/doctor.h"
#include "maintenance/files.h"
#include "maintenance/manifest.h"
#include "maintenance/snapshot_socket.h"
#include "sql/database.h"

namespace energy::maintenance {
namespace {

namespace fs = std::filesystem;

class Maintenance : public testing::Test {
 protected:
  base::TemporaryFolder temporary_;
  const fs::path& folder_ = temporary_.path();
};

TEST_F(Maintenance, ACopyHasTheContentTheModeAndTheChecksum) {
  const std::string text(700'000, 'x');
  ASSERT_TRUE(WriteFile(folder_ / "from", text, 0644).ok());
  uint64_t told = 0;
  const auto digest =
      CopyFile(folder_ / "from", folder_ / "to", 0600, [&](uint64_t bytes) { told += bytes; });
  ASSERT_TRUE(digest.ok()) << digest.status().ToString();
  EXPECT_EQ(digest->bytes, text.size());
  EXPECT_EQ(told, text.size());
  EXPECT_EQ(digest->sha256, auth::Sha256Hex(text));
  EXPECT_EQ(ReadFile(folder_ / "to").value(), text);
  struct stat info {};
  ASSERT_EQ(stat((folder_ / "to").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(CopyFile(folder_ / "from", folder_ / "to", 0600, nullptr).status().code(),
            base::Code::kUnavailable)
      << "overwrites";
  EXPECT_EQ(ReadFile(folder_ / "none").status().code(), base::Code::kNotFound);
}

TEST_F(Maintenance, APaceIsKept) {
  const base::SystemClock clock;
  const auto began = clock.Steady();
  Pace pace(clock, 1'000'000);
  for (int i = 0; i < 10; ++i) pace.Spend(5'000);
  EXPECT_GE(clock.Steady() - began, std::chrono::milliseconds(50));
}

TEST_F(Maintenance, TheDoctorFindsAnAuditEntryThatWasAltered) {
  const base::SystemClock clock;
  auto database =
      sql::Database::Open({.url = "sqlite://" + (folder_ / "metadata.db").string(), .pool_size = 1},
                          base::NullLogger());
  ASSERT_TRUE(database.ok() && (*database)->Migrate(clock).ok());
  for (const char* id : {"D1", "D2"}) {
    ASSERT_TRUE((*database)
                    ->Transaction([&](sql::Connection& connection) {
                      return audit::Record(connection, clock,
                                           {"device.create", "device", id, nullptr, nullptr});
                    })
                    .ok());
  }
  EXPECT_EQ(Examine(folder_, folder_ / "keys", "", nullptr, base::NullLogger())->findings_total,
            0u);
  for (const char* statement :
       {"DROP TRIGGER audit_log_update", "UPDATE audit_log SET actor = 'bob' WHERE sequence = 2"}) {
    ASSERT_TRUE((*database)
                    ->Transaction([&](sql::Connection& connection) {
                      return connection.Execute(statement, {}).status();
                    })
                    .ok());
  }
  const auto report = Examine(folder_, folder_ / "keys", "", nullptr, base::NullLogger());
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  ASSERT_EQ(report->findings_total, 1u);
  EXPECT_EQ(report->findings[0].where, "metadata.db, audit log entry 2");
}

Manifest MakeManifest() {
  Manifest manifest;
  manifest.program_version = "1.2.3";
  manifest.created = "2026-11-25T00:00:00Z";
  manifest.counts = {{"devices", 3}, {"first_reading", "2026-01-01T00:00:00Z"}};
  manifest.files = {{.path = "series/CURRENT", .bytes = 16, .sha256 = "ab", .is_secret = false},
                    {.path = "keys/jwt.key", .bytes = 65, .sha256 = "cd", .is_secret = true}};
  return manifest;
}

TEST_F(Maintenance, AManifestComesBackAsItWas) {
  ASSERT_TRUE(MakeManifest().Write(folder_).ok());
  const auto read = Manifest::Read(folder_);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->program_version, "1.2.3");
  EXPECT_EQ(read->created, "2026-11-25T00:00:00Z");
  EXPECT_EQ(read->counts, MakeManifest().counts);
  ASSERT_EQ(read->files.size(), 2U);
  EXPECT_EQ(read->files[1].path, "keys/jwt.key");
  EXPECT_TRUE(read->files[1].is_secret);
  EXPECT_EQ(read->total_bytes(), 81U);
}

TEST_F(Maintenance, AManifestThatIsNotWholeIsRefused) {
  EXPECT_EQ(Manifest::Read(folder_).status().code(), base::Code::kNotFound);
  ASSERT_TRUE(MakeManifest().Write(folder_).ok());
  const std::string whole = ReadFile(folder_ / kManifestName).value();
  const auto replace = [&](const std::string& text) {
    std::ofstream(folder_ / kManifestName, std::ios::trunc) << text;
    return Manifest::Read(folder_).status();
  };
  EXPECT_EQ(replace(whole.substr(0, whole.size() / 2)).code(), base::Code::kInternal);
  std::string edited = whole;
  edited.replace(edited.find("\"devices\": 3"), 12, "\"devices\": 4");
  EXPECT_EQ(replace(edited).code(), base::Code::kInternal);
  std::string newer = whole;
  newer.replace(newer.find("\"format\": 1"), 11, "\"format\": 2");
  EXPECT_NE(replace(newer).message().find("newer version"), std::string::npos);
}

TEST_F(Maintenance, AManifestNamesNoFileOutsideItsFolder) {
  for (const char* path : {"../evil", "/etc/passwd", "series/../../evil", ""}) {
    Manifest manifest = MakeManifest();
    manifest.files[0].path = path;
    ASSERT_TRUE(manifest.Write(folder_).ok());
    EXPECT_EQ(Manifest::Read(folder_).status().code(), base::Code::kInternal) << path;
  }
}

base::Status MakeSnapshot(const fs::path& folder) {
  return WriteFile(folder / "content", "all of it", 0600);
}

TEST_F(Maintenance, ASnapshotIsThereUntilTheClientGoes) {
  // Longer than a socket's address may be.
  const fs::path data_dir = folder_ / std::string(120, 'd');
  fs::create_directories(data_dir);
  fs::create_directories(SnapshotFolder(data_dir) / "left by a crash");
  SnapshotServer server(data_dir, MakeSnapshot, base::NullLogger());
  ASSERT_TRUE(server.Start().ok());
  EXPECT_FALSE(fs::exists(SnapshotFolder(data_dir)));
  struct stat info {};
  ASSERT_EQ(stat((data_dir / "control.socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  for (int round = 0; round < 2; ++round) {
    auto snapshot = RemoteSnapshot::Open(data_dir);
    ASSERT_TRUE(snapshot.ok()) << snapshot.status().ToString();
    ASSERT_TRUE(snapshot->has_value());
    EXPECT_EQ(ReadFile((*snapshot)->folder() / "content").value(), "all of it");
    const auto second = RemoteSnapshot::Open(data_dir);
    EXPECT_EQ(second.status().message(), "another backup is running: wait for its end");
    EXPECT_TRUE(fs::exists((*snapshot)->folder()));
    snapshot->reset();
    // The next request is answered after the end of this one was seen.
  }
  server.Stop();
  EXPECT_FALSE(fs::exists(SnapshotFolder(data_dir)));
  EXPECT_FALSE(fs::exists(data_dir / "control.socket"));
}

TEST_F(Maintenance, WithoutAProgramThereIsNoSnapshot) {
  const auto none = RemoteSnapshot::Open(folder_);
  ASSERT_TRUE(none.ok()) << none.status().ToString();
  EXPECT_FALSE(none->has_value());
  EXPECT_FALSE(RemoteSnapshot::Open(folder_ / "nowhere").value().has_value());
}

TEST_F(Maintenance, AFailedSnapshotIsToldAndLeavesNothing) {
  SnapshotServer server(
      folder_, [](const fs::path&) { return base::Unavailable("the disk is full"); },
      base::NullLogger());
  ASSERT_TRUE(server.Start().ok());
  for (int round = 0; round < 2; ++round) {
    const auto snapshot = RemoteSnapshot::Open(folder_);
    EXPECT_EQ(snapshot.status().message(), "the disk is full");
    EXPECT_FALSE(fs::exists(SnapshotFolder(folder_)));
  }
}

TEST_F(Maintenance, AStopEndsASnapshotThatIsHeld) {
  SnapshotServer server(folder_, MakeSnapshot, base::NullLogger());
  ASSERT_TRUE(server.Start().ok());
  const auto snapshot = RemoteSnapshot::Open(folder_);
  ASSERT_TRUE(snapshot.ok());
  server.Stop();
  EXPECT_FALSE(fs::exists(SnapshotFolder(folder_)));
  ASSERT_TRUE(server.Start().ok());
  EXPECT_TRUE(RemoteSnapshot::Open(folder_).ok());
}

}  // namespace
}  // namespace energy::maintenance
