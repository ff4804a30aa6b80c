#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mqtt/session_file.h"

namespace energy::mqtt {
namespace {

// A file in memory for reading; empty when there is none.
class Mapped {
 public:
  explicit Mapped(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || info.st_size <= 0) return;
    size_ = static_cast<size_t>(info.st_size);
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data_ == MAP_FAILED) size_ = 0;
  }
  ~Mapped() {
    if (size_ > 0) ::munmap(data_, size_);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace

base::Status FileSessionStore::FileError(const std::string& what,
                                         const std::filesystem::path& path) {
  return base::Unavailable("cannot " + what + " " + path.string() + ": " + std::strerror(errno));
}

base::Result<std::unique_ptr<FileSessionStore>> FileSessionStore::Open(Options options,
                                                                       const base::Clock& clock,
                                                                       base::Logger logger,
                                                                       base::Metrics& metrics) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    return base::Unavailable("cannot create " + options.folder.string() + ": " + error.message());
  }
  std::unique_ptr<FileSessionStore> store(
      new FileSessionStore(std::move(options), clock, std::move(logger), metrics));
  ENERGY_RETURN_IF_ERROR(store->Read());
  return store;
}

base::Status FileSessionStore::Read() {
  std::error_code ignored;
  std::filesystem::remove(Path(kFreshName), ignored);
  const auto path = Path(kFileName);
  fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_APPEND);
  if (fd_ < 0) {
    if (errno != ENOENT) return FileError("open", path);
    return Rewrite();
  }
  size_t good_bytes = 0;
  size_t damaged = 0;
  size_t total = 0;
  {
    const Mapped content(fd_);
    total = content.bytes().size();
    ENERGY_RETURN_IF_ERROR(Replay(content.bytes(), good_bytes, damaged));
  }
  if (damaged > 0) {
    logger_->error("{} is damaged in {} places: what could be read is used, the file is kept as {}",
                   path.string(), damaged, kDamagedName);
    std::filesystem::copy_file(path, Path(kDamagedName),
                               std::filesystem::copy_options::overwrite_existing, ignored);
    return Rewrite();
  }
  if (good_bytes < total) {
    logger_->info("an unfinished write of {} bytes at the end of {} was cut off",
                  total - good_bytes, path.string());
    if (::ftruncate(fd_, static_cast<off_t>(good_bytes)) != 0) return FileError("shorten", path);
  }
  // The crash came before the first byte, or the file grew in several lives.
  if (good_bytes == 0 || good_bytes > options_.min_compact_bytes) return Rewrite();
  size_ = rewritten_size_ = good_bytes;
  writable_.Set(1);
  file_bytes_.Set(static_cast<double>(size_));
  return {};
}

base::Status FileSessionStore::Replay(std::string_view content, size_t& good_bytes,
                                      size_t& damaged) {
  if (content.size() < kHeader.size()) return {};
  if (!content.starts_with(kHeader)) {
    if (content.starts_with(kHeader.substr(0, 6))) {
      return base::Unavailable(Path(kFileName).string() +
                               " was written by a later version of this program: use that, or "
                               "move the file away and lose the MQTT sessions");
    }
    ++damaged;
    return {};
  }
  const StoreTime now = Now();
  good_bytes = kHeader.size();
  Change change;
  while (true) {
    size_t size = 0;
    switch (DecodeStoreRecord(content.substr(good_bytes), now, change, size)) {
      case RecordStatus::kOk:
        state_.Apply(change);
        break;
      case RecordStatus::kDamaged:
        ++damaged;
        break;
      case RecordStatus::kEnd:
      case RecordStatus::kTorn:
        return {};
    }
    good_bytes += size;
  }
}

}  // namespace energy::mqtt
