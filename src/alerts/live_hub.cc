#include "alerts/live_hub.h"

#include <algorithm>

#include "alerts/alert_json.h"

namespace energy::alerts {
namespace {

bool Wants(const LiveFilter& filter, const Alert& alert) {
  if (filter.device_id && *filter.device_id != alert.device_id) return false;
  return filter.severities.empty() || std::find(filter.severities.begin(), filter.severities.end(),
                                                alert.severity) != filter.severities.end();
}

}  // namespace

std::unique_ptr<LiveHub::Watch> LiveHub::Add(LiveFilter filter, Watcher watcher) {
  std::lock_guard lock(mutex_);
  const uint64_t id = next_id_++;
  watchers_.emplace(id, Entry{std::move(filter), std::move(watcher)});
  return std::make_unique<Watch>(*this, id);
}

void LiveHub::Remove(uint64_t id) {
  std::lock_guard lock(mutex_);
  watchers_.erase(id);
}

void LiveHub::OnEvent(const Alert& alert, const AlertEvent& event) {
  // Held while watchers run, so that a watch that has ended is never called; they only enqueue.
  std::lock_guard lock(mutex_);
  std::shared_ptr<const std::string> text;
  for (const auto& [id, entry] : watchers_) {
    if (!Wants(entry.filter, alert)) continue;
    if (!text) {
      const base::Json json{
          {"change", event.action}, {"event", ToJson(event)}, {"alert", ToJson(alert)}};
      text = std::make_shared<const std::string>(
          json.dump(-1, ' ', false, base::Json::error_handler_t::replace));
    }
    entry.watcher(text);
  }
}

}  // namespace energy::alerts
