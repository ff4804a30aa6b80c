#include "series/store_check.h"

#include "series/read_only_store.h"
#include "series/store_walk.h"

namespace energy::series {

void StoreCheckReport::Add(StoreFinding finding) {
  ++findings_total;
  if (findings.size() < kMostFindings) findings.push_back(std::move(finding));
}

base::Result<StoreCheckReport> CheckStore(const StoreCheckOptions& options,
                                          const base::Logger& logger) {
  StoreCheckReport report;
  std::error_code error;
  const bool exists = std::filesystem::exists(options.path, error);
  if (error) {
    return base::Unavailable("cannot read " + options.path.string() + ": " + error.message());
  }
  if (!exists || std::filesystem::is_empty(options.path, error)) return report;
  auto store = ReadOnlyStore::Open(options.path, logger);
  if (!store.ok()) {
    report.Add({.what = store.status().message(),
                .remedy = "restore a backup, or energy-platform doctor --repair, which keeps what "
                          "can be read"});
    return report;
  }
  ENERGY_RETURN_IF_ERROR(StoreWalk(**store, options, report).Run(nullptr));
  return report;
}

}  // namespace energy::series
