#include "maintenance/snapshot_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/json.h"

namespace energy::maintenance {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSocketName = "control.socket";
constexpr std::string_view kRequest = "snapshot\n";
constexpr time_t kPeerSeconds = 5;
constexpr time_t kSnapshotSeconds = 600;  // metadata of gigabytes on a slow disk
constexpr size_t kLongestAnswer = 16'384;

base::Status Failed(const std::string& what) {
  const int cause = errno;
  return base::Unavailable(what + ": " + std::strerror(cause));
}

/// The address of the socket in a folder. By way of the open folder, because an address has room
/// for 107 characters only.
class Address {
 public:
  explicit Address(const fs::path& data_dir)
      : folder_(open(data_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address_.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(folder_) + "/" + kSocketName;
    path.copy(address_.sun_path, sizeof address_.sun_path - 1);
  }
  ~Address() {
    if (folder_ >= 0) close(folder_);
  }
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static socklen_t size() { return sizeof(sockaddr_un); }

 private:
  const int folder_;
  sockaddr_un address_{};
};

void LimitWaits(int socket, time_t seconds) {
  const timeval limit{.tv_sec = seconds, .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool SendAll(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// One line without its end; nothing when the peer goes, is too slow or says too much.
std::optional<std::string> ReceiveLine(int socket, size_t longest) {
  std::string line;
  std::array<char, 1024> buffer;
  while (line.size() < longest) {
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    line.append(buffer.data(), static_cast<size_t>(size));
    if (line.back() != '\n') continue;
    line.pop_back();
    return line;
  }
  return std::nullopt;
}

std::string ErrorLine(const std::string& message) {
  return base::Json{{"error", message}}.dump() + "\n";
}

void RemoveFolder(const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

}  // namespace

fs::path SnapshotFolder(const fs::path& data_dir) { return data_dir / "snapshot.tmp"; }

SnapshotServer::SnapshotServer(fs::path data_dir, MakeSnapshot make, base::Logger logger)
    : data_dir_(std::move(data_dir)), make_(std::move(make)), logger_(std::move(logger)) {}

SnapshotServer::~SnapshotServer() { Stop(); }

base::Status SnapshotServer::Start() {
  RemoveFolder(SnapshotFolder(data_dir_));
  const std::string what = "cannot listen on " + (data_dir_ / kSocketName).string();
  unlink((data_dir_ / kSocketName).c_str());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const Address address(data_dir_);
  // Before bind, so that there is no moment at which others may connect.
  if (listener_ < 0 || fchmod(listener_, 0600) != 0 ||
      bind(listener_, address.get(), Address::size()) != 0 || listen(listener_, 4) != 0) {
    base::Status status = Failed(what);
    Stop();
    return status;
  }
  stop_event_ = eventfd(0, EFD_CLOEXEC);
  if (stop_event_ < 0) {
    base::Status status = Failed(what);
    Stop();
    return status;
  }
  thread_ = std::thread([this] { Run(); });
  return {};
}

void SnapshotServer::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_event_, 1);
    thread_.join();
    unlink((data_dir_ / kSocketName).c_str());
  }
  for (int* fd : {&listener_, &stop_event_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
}

void SnapshotServer::Run() {
  pthread_setname_np(pthread_self(), "snapshots");
  while (true) {
    std::array<pollfd, 3> waits{
        {{stop_event_, POLLIN, 0}, {listener_, POLLIN, 0}, {session_, POLLIN | POLLRDHUP, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
    if (waits[0].revents != 0) break;
    // The client has no more to say: whatever happens here is its end.
    if (session_ >= 0 && waits[2].revents != 0) EndSession();
    if (waits[1].revents != 0) Accept();
  }
  if (session_ >= 0) EndSession();
}

void SnapshotServer::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  LimitWaits(client, kPeerSeconds);
  const auto request = ReceiveLine(client, kRequest.size());
  if (!request || *request + "\n" != kRequest) {
    SendAll(client, ErrorLine("the program does not know this request: use its own command"));
    close(client);
    return;
  }
  if (session_ >= 0) {
    SendAll(client, ErrorLine("another backup is running: wait for its end"));
    close(client);
    return;
  }
  session_ = client;
  if (!SendAll(client, Answer())) EndSession();
}

std::string SnapshotServer::Answer() {
  const fs::path folder = SnapshotFolder(data_dir_);
  RemoveFolder(folder);
  if (mkdir(folder.c_str(), 0700) != 0) {
    return ErrorLine(Failed("cannot create " + folder.string()).message());
  }
  if (const base::Status status = make_(folder); !status.ok()) {
    logger_->error("a snapshot for a backup failed: {}", status.message());
    RemoveFolder(folder);
    return ErrorLine(status.message());
  }
  logger_->info("made a snapshot for a backup");
  return base::Json{{"folder", folder.string()}}.dump() + "\n";
}

void SnapshotServer::EndSession() {
  close(std::exchange(session_, -1));
  RemoveFolder(SnapshotFolder(data_dir_));
}

base::Result<std::optional<RemoteSnapshot>> RemoteSnapshot::Open(const fs::path& data_dir) {
  const std::string path = (data_dir / kSocketName).string();
  const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client < 0) return Failed("cannot make a socket");
  RemoteSnapshot snapshot(client, {});
  LimitWaits(client, kSnapshotSeconds);
  if (connect(client, Address(data_dir).get(), Address::size()) != 0) {
    // Not there, or left by a program that was killed.
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
      return std::optional<RemoteSnapshot>();
    return base::Unavailable("cannot connect to " + path + " (" + std::strerror(errno) +
                             "): run this as the user that runs the program");
  }
  const auto line = SendAll(client, kRequest) ? ReceiveLine(client, kLongestAnswer) : std::nullopt;
  const base::Json answer =
      line ? base::Json::parse(*line, nullptr, /*allow_exceptions=*/false) : base::Json();
  if (answer.is_object() && answer.contains("error")) {
    return base::Unavailable(answer["error"].get<std::string>());
  }
  if (!answer.is_object() || !answer.contains("folder")) {
    return base::Unavailable("the running program does not answer on " + path +
                             ": look at its log, and try again");
  }
  snapshot.folder_ = answer["folder"].get<std::string>();
  return std::optional<RemoteSnapshot>(std::move(snapshot));
}

RemoteSnapshot::RemoteSnapshot(RemoteSnapshot&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), folder_(std::move(other.folder_)) {}

RemoteSnapshot::~RemoteSnapshot() {
  if (socket_ >= 0) close(socket_);
}

}  // namespace energy::maintenance
