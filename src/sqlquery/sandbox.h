#pragma once

#include "base/status.h"
#include "sqlquery/model.h"

namespace energy::sqlquery {

/// What a helper gives up for good before it runs a statement that a stranger wrote. The engine's
/// own settings refuse files and network already; this holds when they fail.

/// At its start: no new privileges, no core dumps, no debugger, an end with its parent, a low
/// priority so that ingest goes first.
void BecomeHelper();

/// Limits of memory, processor time and the size of a file.
/// Errors: kInternal when the system refuses.
base::Status LimitResources(const Limits& limits, uint64_t file_bytes);

/// From now on only memory, the open descriptors and the clock can be used: no open, no socket, no
/// process (seccomp). `may_open`: a file may still be opened, until it is called again without.
/// Errors: kInternal when the system has no such filter.
base::Status CloseDoors(bool may_open);

}  // namespace energy::sqlquery
