#include "maintenance/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "auth/hash.h"

namespace energy::maintenance {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPiece = size_t{256} << 10;
constexpr uint64_t kMostUnsynced = uint64_t{4} << 20;
constexpr off_t kLargestText = off_t{64} << 20;

base::Status Failed(const char* what, const fs::path& path) {
  const int cause = errno;
  return base::Unavailable(std::string("cannot ") + what + " " + path.string() + ": " +
                           std::strerror(cause));
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

bool WriteAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t wrote = write(fd, data, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    data += wrote;
    size -= static_cast<size_t>(wrote);
  }
  return true;
}

// Hands each piece of the file to `take`.
base::Result<FileDigest> ReadPieces(const fs::path& path, const OnBytes& on_bytes,
                                    const std::function<base::Status(std::string_view)>& take) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed("read", path);
  auth::Sha256 hash;
  FileDigest digest;
  std::vector<char> buffer(kPiece);
  while (true) {
    const ssize_t size = read(file.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failed("read", path);
    if (size == 0) break;
    const std::string_view piece(buffer.data(), static_cast<size_t>(size));
    hash.Update(piece);
    digest.bytes += piece.size();
    if (take) ENERGY_RETURN_IF_ERROR(take(piece));
    if (on_bytes) on_bytes(piece.size());
  }
  digest.sha256 = hash.FinishHex();
  return digest;
}

}  // namespace

void Pace::Spend(uint64_t bytes) {
  if (bytes_per_second_ == 0) return;
  spent_ += bytes;
  const std::chrono::duration<double> due(static_cast<double>(spent_) /
                                          static_cast<double>(bytes_per_second_));
  const auto ahead = due - (clock_.Steady() - began_);
  if (ahead.count() > 0) std::this_thread::sleep_for(ahead);
}

base::Result<FileDigest> DigestFile(const fs::path& path, const OnBytes& on_bytes) {
  return ReadPieces(path, on_bytes, nullptr);
}

base::Result<FileDigest> CopyFile(const fs::path& from, const fs::path& to, unsigned mode,
                                  const OnBytes& on_bytes) {
  const File file(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.get() < 0) return Failed("create", to);
  uint64_t unsynced = 0;
  auto digest = ReadPieces(from, on_bytes, [&](std::string_view piece) -> base::Status {
    if (!WriteAll(file.get(), piece.data(), piece.size())) return Failed("write", to);
    unsynced += piece.size();
    if (unsynced < kMostUnsynced) return {};
    unsynced = 0;
    return fdatasync(file.get()) == 0 ? base::Status() : Failed("sync", to);
  });
  if (digest.ok() && fsync(file.get()) != 0) return Failed("sync", to);
  return digest;
}

base::Status WriteFile(const fs::path& path, const std::string& text, unsigned mode) {
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.get() < 0) return Failed("create", path);
  if (!WriteAll(file.get(), text.data(), text.size()) || fsync(file.get()) != 0) {
    return Failed("write", path);
  }
  return {};
}

base::Result<std::string> ReadFile(const fs::path& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return errno == ENOENT ? base::NotFound("there is no " + path.string()) : Failed("read", path);
  }
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return Failed("read", path);
  if (info.st_size > kLargestText) return base::TooLarge(path.string() + " is too large");
  std::string text(static_cast<size_t>(info.st_size), '\0');
  const ssize_t size = pread(file.get(), text.data(), text.size(), 0);
  if (size != static_cast<ssize_t>(text.size())) return Failed("read", path);
  return text;
}

base::Status SyncFolder(const fs::path& folder) {
  const File file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || fsync(file.get()) != 0) return Failed("sync", folder);
  return {};
}

std::string FormatBytes(uint64_t bytes) {
  static constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text.data();
}

}  // namespace energy::maintenance
