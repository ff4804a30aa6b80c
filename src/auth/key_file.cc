#include "auth/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "auth/hash.h"

namespace energy::auth {
namespace {

namespace fs = std::filesystem;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

base::Status Failed(const char* what, const fs::path& path) {
  return base::Unavailable(std::string(what) + " " + path.string() + ": " + strerror(errno));
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    for (const char c : text.substr(i, 2)) {
      value <<= 4;
      if (c >= '0' && c <= '9') {
        value |= static_cast<unsigned>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        value |= static_cast<unsigned>(c - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    bytes += static_cast<char>(value);
  }
  return bytes;
}

base::Result<std::string> Read(const fs::path& path, size_t bytes) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return Failed("cannot read", path);
  if ((info.st_mode & 077U) != 0) {
    return base::InvalidArgument("the key " + path.string() +
                                 " is open to other users: run chmod 600 on it, or remove it to "
                                 "have a new one made");
  }
  std::array<char, 4096> buffer;
  const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
  if (size < 0) return Failed("cannot read", path);
  std::string_view text(buffer.data(), static_cast<size_t>(size));
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::optional<std::string> key = FromHex(text);
  if (!key || key->size() < bytes) {
    return base::InvalidArgument("the key " + path.string() +
                                 " is damaged: it must be one line of " +
                                 std::to_string(bytes * 2) +
                                 " or more hex digits; restore it, or remove it to have a new one "
                                 "made");
  }
  return std::move(*key);
}

base::Status SyncFolder(const fs::path& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0) return Failed("cannot sync", folder);
  return {};
}

base::Status WriteWhole(const fs::path& path, const std::string& text) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return Failed("cannot create", path);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.get()) != 0) {
    return Failed("cannot write", path);
  }
  return {};
}

base::Status Create(const fs::path& path, size_t bytes, base::Random& random) {
  const fs::path folder = path.parent_path();
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return Failed("cannot create", folder);

  std::vector<unsigned char> key(bytes);
  random.Fill(key);
  const std::string text = ToHex({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n";
  // Written aside and linked: whoever reads sees a whole key, and the first of two creators wins.
  fs::path aside = path;
  aside += ".new-" + std::to_string(::getpid()) + "-" + base::NewSecret(random, 8);
  base::Status status = WriteWhole(aside, text);
  if (status.ok() && ::link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    status = Failed("cannot create", path);
  }
  ::unlink(aside.c_str());
  return status.ok() ? SyncFolder(folder) : status;
}

}  // namespace

base::Result<std::string> LoadOrCreateKey(const fs::path& path, size_t bytes,
                                          base::Random& random) {
  if (::access(path.c_str(), F_OK) != 0) {
    if (errno != ENOENT) return Failed("cannot read", path);
    ENERGY_RETURN_IF_ERROR(Create(path, bytes, random));
  }
  return Read(path, bytes);
}

}  // namespace energy::auth
