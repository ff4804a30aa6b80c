#include "app/import_report.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace energy::app {
namespace {

constexpr size_t kRowsShown = 20;

}  // namespace

ImportReport::ImportReport(uintmax_t file_bytes)
    : file_bytes_(std::max<uintmax_t>(file_bytes, 1)), terminal_(isatty(STDERR_FILENO) == 1) {}

void ImportReport::Stored(size_t readings, size_t last_line) {
  stored_ += readings;
  last_line_ = last_line;
}

void ImportReport::Refused(size_t line, const std::string& why) {
  if (++refused_ > kRowsShown + 1) return;
  EndProgress();
  if (refused_ <= kRowsShown) {
    std::cerr << "line " << line << ": " << why << "\n";
  } else {
    std::cerr << "further refused rows are only counted\n";
  }
}

void ImportReport::Progress(int64_t read) {
  if (!terminal_) return;
  const double done = static_cast<double>(read) / static_cast<double>(file_bytes_);
  std::cerr << "\r\033[K" << static_cast<int>(100 * std::clamp(done, 0.0, 1.0)) << " %, " << stored_
            << " readings stored, " << refused_ << " rows refused" << std::flush;
  in_progress_ = true;
}

void ImportReport::EndProgress() {
  if (std::exchange(in_progress_, false)) std::cerr << "\n";
}

}  // namespace energy::app
