#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

namespace energy::base {

/// For tests and benchmarks: a new folder under the system's folder for temporary files, removed
/// with everything in it at the end. The environment variable ENERGY_TEST_KEEP keeps it.
class TemporaryFolder {
 public:
  /// Throws std::runtime_error when the folder cannot be made.
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "energy-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make the folder " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    if (std::getenv("ENERGY_TEST_KEEP") != nullptr) {
      std::cout << "kept " << path_ << "\n";
      return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace energy::base
