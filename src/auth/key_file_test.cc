#include "auth/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <vector>

#include "base/temporary_folder.h"

namespace energy::auth {
namespace {

class KeyFileTest : public ::testing::Test {
 protected:
  static unsigned Mode(const std::filesystem::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
  }

  base::SystemRandom random_;
  base::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "keys" / "jwt.key";
};

TEST_F(KeyFileTest, MakesAPrivateKeyOnce) {
  const auto first = LoadOrCreateKey(path_, 32, random_);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(first->size(), 32U);
  EXPECT_EQ(Mode(path_), 0600U);
  EXPECT_EQ(Mode(path_.parent_path()), 0700U);
  EXPECT_EQ(*LoadOrCreateKey(path_, 32, random_), *first);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path_.parent_path()), {}), 1);
}

TEST_F(KeyFileTest, RefusesAKeyThatOthersCanRead) {
  ASSERT_TRUE(LoadOrCreateKey(path_, 32, random_).ok());
  ::chmod(path_.c_str(), 0640);
  const base::Status status = LoadOrCreateKey(path_, 32, random_).status();
  EXPECT_EQ(status.code(), base::Code::kInvalidArgument);
  EXPECT_NE(status.message().find("chmod 600"), std::string::npos);
}

TEST_F(KeyFileTest, RefusesDamagedOrShortKeys) {
  ASSERT_TRUE(LoadOrCreateKey(path_, 32, random_).ok());
  for (const char* text : {"", "\n", "abc\n", "zz\n", "00112233\n"}) {
    std::ofstream(path_, std::ios::trunc) << text;
    EXPECT_EQ(LoadOrCreateKey(path_, 32, random_).status().code(), base::Code::kInvalidArgument)
        << text;
  }
}

TEST_F(KeyFileTest, GivesAllCreatorsTheSameKey) {
  std::vector<std::string> keys(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& key : keys) {
      threads.emplace_back([&] {
        if (const auto made = LoadOrCreateKey(path_, 32, random_); made.ok()) key = *made;
      });
    }
  }
  for (const std::string& key : keys) {
    EXPECT_EQ(key.size(), 32U);
    EXPECT_EQ(key, keys.front());
  }
}

}  // namespace
}  // namespace energy::auth
