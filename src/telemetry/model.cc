#include "telemetry/model.h"

namespace energy::telemetry {

std::string_view ReasonName(RejectReason reason) {
  switch (reason) {
    case RejectReason::kParseError:
      return "parse_error";
    case RejectReason::kValidationError:
      return "validation_error";
    case RejectReason::kUnknownDevice:
      return "unknown_device";
    case RejectReason::kWriteError:
      return "write_error";
  }
  return "parse_error";
}

}  // namespace energy::telemetry
