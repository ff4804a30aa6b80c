#include "http/access_log.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/json.h"
#include "base/number_text.h"
#include "base/time_text.h"

namespace energy::http {
namespace {

constexpr size_t kQueueBytes = 4 << 20;
// Lines wait this long for others to be written with, unless there are many already: waking the
// thread for each would cost more than the answer that it tells of.
constexpr std::chrono::milliseconds kGather{20};
constexpr size_t kManyBytes = 256 << 10;

void AppendMember(std::string& line, std::string_view name, std::string_view text) {
  line.append(",\"").append(name).append("\":");
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x7F;
  });
  if (plain) {
    line.append("\"").append(text).append("\"");
  } else {
    line += base::Json(text).dump(-1, ' ', false, base::Json::error_handler_t::replace);
  }
}

}  // namespace

std::string AccessLine(const Request& request, const Response& response, base::Timestamp now,
                       std::chrono::nanoseconds took) {
  std::string line;
  line.reserve(320);
  line += R"({"time":")";
  line += base::FormatTimestamp(std::chrono::floor<std::chrono::milliseconds>(now));
  line += '"';
  AppendMember(line, "request_id", request.id);
  AppendMember(line, "remote", request.remote_address);
  if (request.user.empty()) {
    line += R"(,"user":null)";
  } else {
    AppendMember(line, "user", request.user);
  }
  AppendMember(line, "method", MethodName(request.method));
  AppendMember(line, "path", request.path);
  AppendMember(line, "route", request.route);
  line.append(R"(,"status":)").append(std::to_string(response.status));
  // Of an answer in pieces only the first is held here.
  line.append(R"(,"bytes":)");
  line += response.more ? "null" : std::to_string(response.Body().size());
  line += R"(,"duration_ms":)";
  base::AppendNumber(line, static_cast<double>(took / std::chrono::microseconds(1)) / 1000);
  line += '}';
  return line;
}

void AccessLog::Closer::operator()(std::FILE* file) const {
  if (file != stdout) std::fclose(file);
}

AccessLog::AccessLog(std::filesystem::path path, uintmax_t file_limit, base::Logger logger,
                     base::Metrics& metrics)
    : path_(std::move(path)),
      file_limit_(file_limit),
      logger_(std::move(logger)),
      dropped_(metrics.Counter("access_log_dropped_total",
                               "Lines of the access log that were not written.")) {}

AccessLog::~AccessLog() { Stop(); }

base::Status AccessLog::Open() {
  if (path_ == "-") {
    file_.reset(stdout);
    return {};
  }
  // Addresses of people are nobody else's business.
  const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) file_.reset(::fdopen(file, "ae"));
  if (!file_) {
    return base::Unavailable("the access log " + path_.string() +
                             " cannot be opened: " + std::strerror(errno));
  }
  std::error_code error;
  written_ = std::filesystem::file_size(path_, error);
  if (error) written_ = 0;
  return {};
}

base::Status AccessLog::Start() {
  ENERGY_RETURN_IF_ERROR(Open());
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return {};
}

void AccessLog::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  file_.reset();
}

void AccessLog::Add(std::string_view line) {
  std::lock_guard lock(mutex_);
  if (queue_.size() + line.size() >= kQueueBytes) return dropped_.Increment();
  const size_t before = queue_.size();
  queue_.append(line).append("\n");
  if (before == 0 || (before < kManyBytes && queue_.size() >= kManyBytes)) wake_.notify_one();
}

void AccessLog::Run(const std::stop_token& stop) {
  std::string lines;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [this] { return !queue_.empty(); });
      wake_.wait_for(lock, stop, kGather, [this] { return queue_.size() >= kManyBytes; });
      lines.clear();
      lines.swap(queue_);
    }
    if (lines.empty()) return;  // stopped, and all is written
    Write(lines);
  }
}

void AccessLog::Write(const std::string& lines) {
  if (path_ != "-" && written_ > 0 && written_ + lines.size() > file_limit_) {
    std::error_code ignored;
    std::filesystem::rename(path_, path_.string() + ".1", ignored);
    file_.reset();
  }
  base::Status status = file_ ? base::Status() : Open();
  if (status.ok() && (std::fwrite(lines.data(), 1, lines.size(), file_.get()) != lines.size() ||
                      std::fflush(file_.get()) != 0)) {
    status =
        base::Unavailable("the access log cannot be written: " + std::string(std::strerror(errno)));
    std::clearerr(file_.get());
  }
  written_ += lines.size();
  if (!status.ok()) {
    dropped_.Increment(static_cast<double>(std::count(lines.begin(), lines.end(), '\n')));
    if (!failing_) logger_->error("{}", status.message());
  }
  failing_ = !status.ok();
}

}  // namespace energy::http
