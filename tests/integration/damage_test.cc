#include <csignal>
#include <iostream>

#include "integration/load.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

namespace fs = std::filesystem;

enum class Way { kFlip, kCut, kEmpty, kRemove };

std::ostream& operator<<(std::ostream& out, Way way) {
  static constexpr const char* kNames[] = {"flipped", "cut", "emptied", "removed"};
  return out << kNames[static_cast<int>(way)];
}

void Damage(const fs::path& file, Way way) {
  std::string text = ReadFile(file);
  ASSERT_FALSE(text.empty()) << file;
  switch (way) {
    case Way::kFlip:
      for (size_t at = text.size() / 2; at < std::min(text.size(), text.size() / 2 + 8); ++at) {
        text[at] = static_cast<char>(text[at] ^ 0x55);
      }
      WriteFile(file, text);
      break;
    case Way::kCut:
      fs::resize_file(file, text.size() / 2);
      break;
    case Way::kEmpty:
      fs::resize_file(file, 0);
      break;
    case Way::kRemove:
      fs::remove(file);
  }
}

/// A data folder with sealed readings in tables, some in the log, and copies of it to damage.
class DamagedFolder : public PlatformTest {
 protected:
  static constexpr int kDevices = 3;
  static constexpr int kReadings = 200;

  void SetUp() override {
    const Environment seals{{"ENERGY_SERIES__SEAL_AGE_S", "1"}};
    Start(seals);
    for (int d = 0; d < kDevices; ++d) {
      devices_.push_back(api().MakeDevice("D" + std::to_string(d)));
    }
    PublishAll(0);
    ASSERT_TRUE(WaitUntil([&] { return SealedOnce(); }));
    // Opening writes the log into tables.
    Restart(SIGINT);
    PublishAll(kReadings);
    EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);
  }

  bool SealedOnce() {
    const std::string metrics = api().Get("/metrics").response.Body();
    const size_t at = metrics.find("\nseries_chunks_sealed_total ");
    return at != std::string::npos && std::atof(metrics.c_str() + metrics.find(' ', at)) > 0;
  }

  void PublishAll(int first) {
    for (const Credential& device : devices_) {
      const auto client = Connect(device);
      for (int i = first; i < first + kReadings; ++i) {
        ASSERT_TRUE(
            client
                ->Publish(device.topic,
                          ToPayload(device.device_id, {.time = start_ + std::chrono::seconds(i)}),
                          1)
                .ok());
      }
      ASSERT_TRUE(client->Flush(kPatience).ok());
    }
  }

  std::vector<fs::path> FilesOf(const std::string& kind) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(data_dir())) {
      const fs::path relative = entry.path().lexically_relative(data_dir());
      if (entry.is_regular_file() && relative.string().find(kind) != std::string::npos &&
          entry.file_size() > 0) {
        files.push_back(relative);
      }
    }
    EXPECT_FALSE(files.empty()) << kind;
    return files;
  }

  // What a start on the damaged copy does: it serves what can be read, or ends and says what is
  // wrong with which file and what to do.
  void ExpectServesOrSays(const fs::path& damaged, const fs::path& file) {
    Platform platform({.data_dir = damaged}, Platform::DoNotWait{});
    PlatformProcess& process = platform.process();
    ASSERT_TRUE(WaitUntil([&] {
      return fs::exists(damaged / "endpoints.json") || !process.Running();
    })) << "neither serves nor ends: "
        << process.Err();
    if (!process.Running()) {
      const auto ended = process.Wait();
      EXPECT_EQ(ended->signal, 0) << "crashed: " << process.Err();
      EXPECT_EQ(ended->exit_code, 1);
      const std::string err = process.Err();
      const std::string last = err.substr(err.rfind("energy-platform: "));
      ++stopped_;
      const std::string folder = file.parent_path().filename().string();
      EXPECT_TRUE(last.find(file.filename().string()) != std::string::npos ||
                  (!folder.empty() && last.find("/" + folder) != std::string::npos))
          << "does not name the file: " << last;
      EXPECT_TRUE(last.find("restore") != std::string::npos ||
                  last.find("remove") != std::string::npos)
          << "names no remedy: " << last;
      return;
    }
    ++served_;
    const base::Json endpoints = base::Json::parse(ReadFile(damaged / "endpoints.json"));
    const std::string http = endpoints.at("http");
    ApiClient client(static_cast<uint16_t>(std::stoi(http.substr(http.rfind(':') + 1))));
    EXPECT_EQ(client.Get("/health").status, 200);
    client.set_token(api().token());
    if (client.Get("/api/auth/me").status == 200) {
      size_t readable = 0;
      for (const Credential& device : devices_) {
        const Answer answer = client.Get(
            "/api/data/telemetry/" + device.device_id + "?start=" + base::FormatTimestamp(start_) +
            "&end=" + base::FormatTimestamp(start_ + std::chrono::hours(1)) + "&limit=1000");
        if (answer.status == 200) readable += answer.data().at("data").size();
        EXPECT_TRUE(answer.status == 200 || answer.status == 500) << answer.body;
      }
      readable_ = readable;
    }
    EXPECT_EQ(process.Interrupt().first.exit_code, 0) << process.Err();
  }

  void TryAll(const std::string& kind, const std::vector<Way>& ways, bool doctor_sees = true) {
    for (const fs::path& file : FilesOf(kind)) {
      for (const Way way : ways) {
        SCOPED_TRACE(testing::Message() << file << " " << way);
        const TemporaryFolder folder;
        const fs::path damaged = folder.path() / "data";
        fs::copy(data_dir(), damaged, fs::copy_options::recursive);
        Damage(damaged / file, way);
        if (doctor_sees) {
          const Outcome doctor = RunProgram({"doctor", "--data-dir", damaged.string()});
          EXPECT_EQ(doctor.exit_code, 1) << doctor.out << doctor.err;
          EXPECT_NE(doctor.out.find("remedy:"), std::string::npos) << doctor.out << doctor.err;
          if (std::getenv("ENERGY_TEST_SHOW") != nullptr) std::cout << doctor.out;
        }
        ExpectServesOrSays(damaged, file);
      }
    }
  }

  const base::Timestamp start_ = NowMs() - std::chrono::hours(2);
  std::vector<Credential> devices_;
  size_t readable_ = 0;
  int stopped_ = 0;
  int served_ = 0;
};

TEST_F(DamagedFolder, TablesOfTheTelemetry) {
  TryAll(".sst", {Way::kFlip, Way::kCut, Way::kEmpty, Way::kRemove});
}

TEST_F(DamagedFolder, TheWriteAheadLog) { TryAll(".log", {Way::kFlip, Way::kCut}, false); }

TEST_F(DamagedFolder, TheManifest) {
  TryAll("MANIFEST", {Way::kFlip, Way::kCut, Way::kEmpty, Way::kRemove});
}

TEST_F(DamagedFolder, CurrentFile) { TryAll("CURRENT", {Way::kFlip, Way::kEmpty, Way::kRemove}); }

TEST_F(DamagedFolder, TheMetadata) {
  // A bit in a value is nothing that SQLite, which has no checksums, can see.
  TryAll("metadata.db", {Way::kFlip}, /*doctor_sees=*/false);
  TryAll("metadata.db", {Way::kCut});
}

TEST_F(DamagedFolder, Keys) {
  // A flipped bit can turn one hexadecimal digit into another: a key like any other.
  TryAll(".key", {Way::kFlip}, /*doctor_sees=*/false);
  TryAll(".key", {Way::kCut, Way::kEmpty});
}

}  // namespace
}  // namespace energy::integration
