#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "series/store.h"

namespace energy::series {

/// One implementation of the port with its surroundings, for the contract suite.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual Store& store() = 0;
  /// Ends the store and opens it again on the same data.
  virtual void Reopen() = 0;
  /// Moves what is buffered to where it finally lives (seals), if there is such a place.
  virtual void Settle() = 0;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};

/// For test output.
inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }

/// What every Store does; the tests are in store_contract*_test.cc. An implementation joins with
///   INSTANTIATE_TEST_SUITE_P(Name, StoreContract, testing::Values(StoreKind{...}));
class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override { under_test_ = GetParam().make(); }
  Store& store() { return under_test_->store(); }

  std::unique_ptr<StoreUnderTest> under_test_;
};

}  // namespace energy::series
