#include "base/address.h"

#include <gtest/gtest.h>

namespace energy::base {
namespace {

TEST(AddressGroup, IsWhatOneClientCanChangeWithin) {
  EXPECT_EQ(AddressGroup("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(AddressGroup("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(AddressGroup("2001:0DB8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_EQ(AddressGroup("::1"), "::/64");
  EXPECT_EQ(AddressGroup("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(AddressGroup("::ffff:10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(AddressGroup("unix"), "unix");
  EXPECT_EQ(AddressGroup(""), "");
}

}  // namespace
}  // namespace energy::base
