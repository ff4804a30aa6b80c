#include "mqtt/topic.h"

#include <gtest/gtest.h>

#include <string>

#include "mqtt/utf8.h"

namespace energy::mqtt {
namespace {

TEST(Topic, NameNeedsACharacterAndNoWildcard) {
  EXPECT_EQ(CheckTopicName("devices/D1/telemetry"), TopicCheck::kOk);
  EXPECT_EQ(CheckTopicName("/"), TopicCheck::kOk);
  EXPECT_EQ(CheckTopicName("a//b"), TopicCheck::kOk);
  EXPECT_EQ(CheckTopicName("$SYS/x"), TopicCheck::kOk);
  for (const char* name : {"", "a/+", "#", "a+b", "a/b#"}) {
    EXPECT_EQ(CheckTopicName(name), TopicCheck::kMalformed) << name;
  }
  EXPECT_EQ(CheckTopicName(std::string_view("a\0b", 3)), TopicCheck::kMalformed);
}

TEST(Topic, FilterWildcardsFillWholeLevels) {
  for (const char* filter : {"a", "+", "#", "a/+/b", "+/+", "a/#", "/#", "/", "+/#", "$SYS/#"}) {
    EXPECT_EQ(CheckTopicFilter(filter), TopicCheck::kOk) << filter;
  }
  for (const char* filter :
       {"", "a+", "+a/b", "a/b+/c", "#/a", "a/#/b", "a#", "a/b#", "##", "++"}) {
    EXPECT_EQ(CheckTopicFilter(filter), TopicCheck::kMalformed) << filter;
  }
}

TEST(Topic, HasAtMost128Levels) {
  std::string name = "x";
  for (int i = 1; i < 128; ++i) name += "/x";
  EXPECT_EQ(CheckTopicName(name), TopicCheck::kOk);
  EXPECT_EQ(CheckTopicFilter(name), TopicCheck::kOk);
  name += "/x";
  EXPECT_EQ(CheckTopicName(name), TopicCheck::kTooDeep);
  EXPECT_EQ(CheckTopicFilter(name), TopicCheck::kTooDeep);
}

TEST(Topic, RecognisesSharedFilters) {
  EXPECT_TRUE(IsSharedFilter("$share/group/a"));
  EXPECT_TRUE(IsSharedFilter("$share"));
  EXPECT_FALSE(IsSharedFilter("$shared/a"));
  EXPECT_FALSE(IsSharedFilter("a/$share"));
}

struct MatchCase {
  const char* filter;
  const char* name;
  bool matches;
};

// The examples of §4.7.1 to §4.7.3 and their neighbours.
const MatchCase kMatchCases[] = {
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/tennis/player1/#", "sport/tennis/player2", false},
    {"sport/#", "sport", true},
    {"sport/#", "sports", false},
    {"#", "a/b/c", true},
    {"#", "/", true},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"+", "/finance", false},
    {"+", "finance", true},
    {"#", "$SYS/monitor", false},
    {"+/monitor", "$SYS/monitor", false},
    {"$SYS/#", "$SYS/monitor", true},
    {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
    {"ACCOUNTS", "accounts", false},
    {"/A", "A", false},
    {"a/+/c/#", "a/b/c", true},
    {"a/+/c/#", "a/b/d", false},
    {"a//b", "a//b", true},
    {"a/+/b", "a//b", true},
    {"a/b", "a/b/", false},
    {"a/b/", "a/b", false},
    {"devices/+/telemetry", "devices/D1/telemetry", true},
    {"devices/+/telemetry", "devices/D1/x/telemetry", false},
};

TEST(Topic, MatchesAsTheStandardSays) {
  for (const MatchCase& c : kMatchCases) {
    EXPECT_EQ(TopicMatches(c.filter, c.name), c.matches) << c.filter << " on " << c.name;
  }
}

TEST(Utf8, AcceptsWellFormedText) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("devices/D1/telemetry"));
  EXPECT_TRUE(IsValidUtf8("z\xc3\xa4hler/\xe2\x82\xac/\xf0\x9f\x92\xa1"));
  EXPECT_TRUE(IsValidUtf8("\xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf \xef\xbb\xbf"));
  EXPECT_TRUE(IsValidUtf8("\x01\x1f\x7f"));
}

TEST(Utf8, RefusesMalformedTextAtEveryOffset) {
  const std::string bad[] = {
      "\x80",              // lone continuation
      "\xc3",              // truncated
      "\xc0\xaf",          // overlong '/'
      "\xc1\xbf",          // overlong
      "\xe0\x80\xaf",      // overlong
      "\xe2\x82",          // truncated
      "\xed\xa0\x80",      // U+D800
      "\xed\xbf\xbf",      // U+DFFF
      "\xf0\x80\x80\xaf",  // overlong
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xf5\x80\x80\x80",
      "\xff",
      "\xf0\x9f\x92",
      std::string(1, '\0'),
  };
  for (const std::string& sequence : bad) {
    for (size_t offset = 0; offset < 20; ++offset) {
      const std::string text = std::string(offset, 'a') + sequence + std::string(20 - offset, 'b');
      EXPECT_FALSE(IsValidUtf8(text)) << "offset " << offset;
      EXPECT_FALSE(IsValidUtf8(std::string(offset, 'a') + sequence)) << "at the end";
    }
  }
}

}  // namespace
}  // namespace energy::mqtt
