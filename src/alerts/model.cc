#include "alerts/model.h"

namespace energy::alerts {

std::string_view AlertStatusName(AlertStatus status) {
  switch (status) {
    case AlertStatus::kOpen:
      return "open";
    case AlertStatus::kAcknowledged:
      return "acknowledged";
    case AlertStatus::kResolved:
      return "resolved";
    case AlertStatus::kSuppressed:
      return "suppressed";
  }
  return "open";
}

std::optional<AlertStatus> ParseAlertStatus(std::string_view name) {
  for (const AlertStatus status : {AlertStatus::kOpen, AlertStatus::kAcknowledged,
                                   AlertStatus::kResolved, AlertStatus::kSuppressed}) {
    if (AlertStatusName(status) == name) return status;
  }
  return std::nullopt;
}

}  // namespace energy::alerts
