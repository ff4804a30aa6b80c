#include "mqtt/subscription_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace energy::mqtt {
namespace {

using Index = SubscriptionIndex<int, int>;

std::vector<int> Matches(const Index& index, std::string_view topic) {
  std::vector<int> found;
  index.Match(topic, [&](int subscriber, int) { found.push_back(subscriber); });
  std::sort(found.begin(), found.end());
  return found;
}

TEST(SubscriptionIndex, FindsExactAndWildcardFilters) {
  Index index;
  index.Add("a/b", 1, 0);
  index.Add("a/+", 2, 0);
  index.Add("a/#", 3, 0);
  index.Add("#", 4, 0);
  index.Add("+/b", 5, 0);
  index.Add("a/b/c", 6, 0);
  EXPECT_EQ(Matches(index, "a/b"), (std::vector{1, 2, 3, 4, 5}));
  EXPECT_EQ(Matches(index, "a"), (std::vector{3, 4}));
  EXPECT_EQ(Matches(index, "a/b/c"), (std::vector{3, 4, 6}));
  EXPECT_EQ(Matches(index, "$SYS/b"), std::vector<int>{});
}

TEST(SubscriptionIndex, ReplacesASubscriptionOfTheSameFilter) {
  Index index;
  EXPECT_TRUE(index.Add("a", 1, 0));
  EXPECT_FALSE(index.Add("a", 1, 7));
  EXPECT_EQ(index.size(), 1U);
  int options = 0;
  index.Match("a", [&](int, int found) { options = found; });
  EXPECT_EQ(options, 7);
}

TEST(SubscriptionIndex, RemovesOnlyWhatWasThere) {
  Index index;
  index.Add("a/+/c", 1, 0);
  index.Add("a/+/c", 2, 0);
  EXPECT_FALSE(index.Remove("a/b/c", 1));
  EXPECT_FALSE(index.Remove("a/+", 1));
  EXPECT_FALSE(index.Remove("a/#", 1));
  EXPECT_TRUE(index.Remove("a/+/c", 1));
  EXPECT_FALSE(index.Remove("a/+/c", 1));
  EXPECT_EQ(Matches(index, "a/x/c"), std::vector{2});
  EXPECT_EQ(index.size(), 1U);
}

// The trie against the plain comparison of one filter with one name.
TEST(SubscriptionIndex, AgreesWithTopicMatches) {
  std::mt19937 random(7);
  const std::string_view parts[] = {"a", "b", "", "$x", "+"};
  auto make = [&](bool filter) {
    std::string text;
    const size_t levels = 1 + random() % 4;
    for (size_t i = 0; i < levels; ++i) {
      if (i > 0) text += '/';
      text += parts[random() % (filter ? 5 : 4)];
    }
    if (filter && random() % 3 == 0) text = text.empty() ? "#" : text + "/#";
    return text.empty() ? std::string("a") : text;
  };
  Index index;
  std::vector<std::string> filters;
  for (int i = 0; i < 200; ++i) {
    filters.push_back(make(true));
    index.Add(filters.back(), i, 0);
  }
  // Removing some must not disturb the others.
  std::vector<bool> removed(filters.size());
  for (size_t i = 0; i < filters.size(); i += 3) {
    EXPECT_TRUE(index.Remove(filters[i], static_cast<int>(i)));
    removed[i] = true;
  }
  for (int round = 0; round < 500; ++round) {
    const std::string topic = make(false);
    std::vector<int> expected;
    for (size_t i = 0; i < filters.size(); ++i) {
      if (!removed[i] && TopicMatches(filters[i], topic)) expected.push_back(static_cast<int>(i));
    }
    EXPECT_EQ(Matches(index, topic), expected) << topic;
  }
}

}  // namespace
}  // namespace energy::mqtt
