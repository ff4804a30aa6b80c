#include "app/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>

namespace energy::app {
namespace {

std::string ErrorText() { return std::strerror(errno); }

bool WriteAll(int file, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    done += static_cast<size_t>(wrote);
  }
  return true;
}

}  // namespace

base::Result<DataDir> DataDir::Open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(path, error);
  std::filesystem::create_directories(folder, error);
  if (error) {
    return base::Unavailable("the data folder " + folder.string() + " cannot be created (" +
                             error.message() + "): choose another with --data-dir");
  }
  const std::string lock_path = (folder / "lock").string();
  const int lock = open(lock_path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0) {
    return base::Unavailable("the data folder " + folder.string() + " cannot be written (" +
                             ErrorText() + "): choose another with --data-dir or change its owner");
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return base::Unavailable("another energy-platform runs on the data folder " + folder.string() +
                             ": stop it or choose another folder with --data-dir");
  }
  return DataDir(folder, lock);
}

base::Result<DataDir> DataDir::OpenExisting(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return base::NotFound("there is no data folder " + path.string() + ": name it with --data-dir");
  }
  return Open(path);
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDir::~DataDir() {
  if (lock_ >= 0) close(lock_);
}

base::Status DataDir::WriteFile(const std::string& name, const std::string& text,
                                bool private_file) const {
  const std::filesystem::path target = path_ / name;
  const std::string temporary = target.string() + ".new";
  const int file =
      open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, private_file ? 0600 : 0644);
  if (file < 0) return base::Unavailable(temporary + " cannot be written: " + ErrorText());
  const bool written = WriteAll(file, text) && fsync(file) == 0;
  const std::string reason = written ? "" : ErrorText();
  close(file);
  if (!written) return base::Unavailable(temporary + " cannot be written: " + reason);
  if (std::rename(temporary.c_str(), target.c_str()) != 0) {
    return base::Unavailable(target.string() + " cannot be replaced: " + ErrorText());
  }
  return {};
}

uint64_t DataDir::FreeBytes() const {
  std::error_code error;
  const auto space = std::filesystem::space(path_, error);
  return error ? 0 : space.available;
}

}  // namespace energy::app
