#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace energy::app {

/// What becomes of the rows of an import, told on stderr as it happens. Threads: one.
class ImportReport {
 public:
  explicit ImportReport(uintmax_t file_bytes);

  void Stored(size_t readings, size_t last_line);
  /// Shows the first ones, and counts all.
  void Refused(size_t line, const std::string& why);
  /// One line that changes, on a terminal alone. `read`: bytes of the file so far.
  void Progress(int64_t read);
  void EndProgress();

  size_t stored() const { return stored_; }
  size_t refused() const { return refused_; }
  /// Up to which all is stored or refused.
  size_t last_line() const { return last_line_; }

 private:
  const uintmax_t file_bytes_;
  const bool terminal_;
  bool in_progress_ = false;
  size_t stored_ = 0;
  size_t refused_ = 0;
  size_t last_line_ = 0;
};

}  // namespace energy::app
