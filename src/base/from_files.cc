#include "base/from_files.h"

#include <sys/stat.h>

namespace energy::base {

std::string FilesIdentity(const std::vector<std::string>& files) {
  std::string identity;
  for (const std::string& file : files) {
    struct stat status {};
    if (file.empty() || ::stat(file.c_str(), &status) != 0) {
      identity += "none;";
      continue;
    }
    identity += std::to_string(status.st_ino) + ',' + std::to_string(status.st_size) + ',' +
                std::to_string(status.st_mtim.tv_sec) + '.' +
                std::to_string(status.st_mtim.tv_nsec) + ';';
  }
  return identity;
}

}  // namespace energy::base
