#pragma once

#include <filesystem>
#include <string>

#include "base/temporary_folder.h"

namespace energy::integration {

using base::TemporaryFolder;

/// The whole file; empty when it cannot be read.
std::string ReadFile(const std::filesystem::path& path);
void WriteFile(const std::filesystem::path& path, const std::string& text);

}  // namespace energy::integration
