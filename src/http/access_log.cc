#include "http/access_log.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/json.h"
#include "base/time_text.h"

namespace energy::http {
namespace {

constexpr size_t kQueueBytes = 4 << 20;

}  // namespace

std::string AccessLine(const Request& request, const Response& response, base::Timestamp now,
                       std::chrono::nanoseconds took) {
  base::Json line{
      {"time", base::FormatTimestamp(std::chrono::floor<std::chrono::milliseconds>(now))},
      {"request_id", request.id},
      {"remote", request.remote_address},
      {"user", request.user.empty() ? base::Json() : base::Json(request.user)},
      {"method", MethodName(request.method)},
      {"path", request.path},
      {"route", request.route},
      {"status", response.status},
      // Of an answer in pieces only the first is held here.
      {"bytes", response.more ? base::Json() : base::Json(response.Body().size())},
      {"duration_ms", static_cast<double>(took / std::chrono::microseconds(1)) / 1000}};
  return line.dump(-1, ' ', false, base::Json::error_handler_t::replace);
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
  const bool first = queue_.empty();
  queue_.append(line).append("\n");
  if (first) wake_.notify_one();
}

void AccessLog::Run(const std::stop_token& stop) {
  std::string lines;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [this] { return !queue_.empty(); });
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
