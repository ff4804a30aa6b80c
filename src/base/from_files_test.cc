#include "base/from_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace energy::base {
namespace {

class FromFilesTest : public testing::Test {
 protected:
  ~FromFilesTest() override { std::filesystem::remove_all(folder_); }
  static std::filesystem::path MakeFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "energy-files-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    return name;
  }
  void Write(const std::string& text) { std::ofstream(file_, std::ios::trunc) << text; }

  const std::filesystem::path folder_ = MakeFolder();
  const std::string file_ = (folder_ / "file").string();
  int made_ = 0;
  FromFiles<const std::string> text_{"text",
                                     {file_, ""},
                                     [this]() -> Result<std::shared_ptr<const std::string>> {
                                       ++made_;
                                       std::ifstream in(file_);
                                       auto text = std::make_shared<std::string>();
                                       if (!std::getline(in, *text) || *text == "bad")
                                         return InvalidField("file", "is bad");
                                       return std::shared_ptr<const std::string>(std::move(text));
                                     },
                                     NullLogger()};
};

TEST_F(FromFilesTest, AreReadAgainWhenTheyChangeAndOnlyThen) {
  EXPECT_FALSE(text_.Load().ok());
  EXPECT_EQ(text_.current(), nullptr);
  Write("one");
  text_.Refresh();
  const auto one = text_.current();
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(*one, "one");
  text_.Refresh();
  EXPECT_EQ(made_, 2);
  Write("longer");
  text_.Refresh();
  EXPECT_EQ(*text_.current(), "longer");
  EXPECT_EQ(*one, "one") << "who began with it keeps it";
}

TEST_F(FromFilesTest, BadOnesChangeNothing) {
  Write("one");
  ASSERT_TRUE(text_.Load().ok());
  Write("bad");
  text_.Refresh();
  text_.Refresh();
  EXPECT_EQ(*text_.current(), "one");
  EXPECT_EQ(made_, 2) << "and are not read again and again";
  std::filesystem::remove(file_);
  text_.Refresh();
  EXPECT_EQ(*text_.current(), "one");
}

}  // namespace
}  // namespace energy::base
