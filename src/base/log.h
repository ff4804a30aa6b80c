#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>

namespace energy::base {

/// A named logger; each module gets its own from the one that `app` makes. Threads: safe anywhere.
using Logger = std::shared_ptr<spdlog::logger>;

/// Logs to standard error: one line a record, "time level [name] message".
Logger MakeLogger(std::string_view name, std::string_view level);

/// Another name, the same sinks and level.
Logger Named(const Logger& parent, std::string_view name);

/// Discards everything. For tests.
Logger NullLogger();

}  // namespace energy::base
