#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace energy::api {

/// What /ready asks: each check answers ok or why not. Filled at start, constant afterwards.
/// Threads: Run from anywhere; the checks must be safe for that and quick.
class HealthChecks {
 public:
  struct Outcome {
    std::string name;
    base::Status status;
  };

  void Add(std::string name, std::function<base::Status()> check) {
    checks_.emplace_back(std::move(name), std::move(check));
  }
  std::vector<Outcome> Run() const {
    std::vector<Outcome> outcomes;
    for (const auto& [name, check] : checks_) outcomes.push_back({name, check()});
    return outcomes;
  }

 private:
  std::vector<std::pair<std::string, std::function<base::Status()>>> checks_;
};

}  // namespace energy::api
