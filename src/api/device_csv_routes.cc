#include "api/device_csv.h"
#include "api/device_filter.h"
#include "api/input.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr size_t kMostErrors = 100;  // named in an answer
constexpr size_t kBodyLimit = size_t{16} << 20;

enum class Existing { kRefuse, kUpdate, kSkip };

struct ImportOptions {
  bool dry_run = false;
  bool partial = false;
  Existing existing = Existing::kRefuse;
};

std::optional<bool> ParseFlag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<Existing> ParseExisting(std::string_view text) {
  if (text == "refuse") return Existing::kRefuse;
  if (text == "update") return Existing::kUpdate;
  if (text == "skip") return Existing::kSkip;
  return std::nullopt;
}

base::Result<ImportOptions> ReadOptions(const Request& request) {
  QueryInput input(request);
  ImportOptions options;
  options.dry_run = input.Enum("dry_run", ParseFlag, "true, false").value_or(false);
  options.partial = input.Enum("partial", ParseFlag, "true, false").value_or(false);
  options.existing =
      input.Enum("existing", ParseExisting, "refuse, update, skip").value_or(Existing::kRefuse);
  ENERGY_RETURN_IF_ERROR(input.Check());
  return options;
}

// What an import does, or would do.
struct Import {
  std::vector<devices::NewDevice> create;
  std::vector<devices::NewDevice> update;
  size_t skipped = 0;
};

Import Sort(CsvDevices& read, Existing existing, const devices::RegistrySnapshot& registered) {
  Import import;
  for (CsvDevice& row : read.devices) {
    if (registered.Find(row.device.id) == nullptr) {
      import.create.push_back(std::move(row.device));
    } else if (existing == Existing::kUpdate) {
      import.update.push_back(std::move(row.device));
    } else if (existing == Existing::kSkip) {
      ++import.skipped;
    } else {
      read.errors.push_back({row.line, "id", "is a registered device; existing=update or skip"});
    }
  }
  return import;
}

base::Json Report(const ImportOptions& options, const CsvDevices& read, const Import& import) {
  base::Json errors = base::Json::array();
  for (const CsvError& error : read.errors) {
    if (errors.size() == kMostErrors) break;
    errors.push_back({{"line", error.line}, {"field", error.field}, {"message", error.message}});
  }
  return {{"dry_run", options.dry_run},
          {"lines", read.lines},
          {"created", import.create.size()},
          {"updated", import.update.size()},
          {"skipped", import.skipped},
          {"refused", read.lines - import.create.size() - import.update.size() - import.skipped},
          {"errors", std::move(errors)},
          {"errors_total", read.errors.size()}};
}

// All or nothing: the lines as the fields of one error.
base::Status Refusal(const CsvDevices& read) {
  std::vector<base::FieldError> fields;
  for (const CsvError& error : read.errors) {
    if (fields.size() == kMostErrors) break;
    fields.push_back({"line " + std::to_string(error.line) + "." + error.field, error.message});
  }
  return base::InvalidArgument("Nothing is imported: the CSV has " +
                                   std::to_string(read.errors.size()) +
                                   " mistake(s). Correct them, or repeat with partial=true to "
                                   "import the other lines.",
                               std::move(fields));
}

base::Result<base::Json> ImportDevices(const Request& request, const DeviceCsvParts& parts) {
  ENERGY_ASSIGN_OR_RETURN(const ImportOptions options, ReadOptions(request));
  ENERGY_ASSIGN_OR_RETURN(CsvDevices read, ReadDevices(request.body));
  const Import import = Sort(read, options.existing, *parts.registry.Snapshot());
  if (!options.dry_run) {
    if (!read.errors.empty() && !options.partial) return Refusal(read);
    ENERGY_RETURN_IF_ERROR(parts.devices.Import(import.create, import.update));
  }
  return Report(options, read, import);
}

// The devices that match, a page of SQL at a time.
class Export {
 public:
  Export(devices::DeviceService& devices, devices::DeviceFilter filter)
      : devices_(devices), filter_(std::move(filter)) {}

  base::Result<bool> Next(std::string& piece) {
    ENERGY_ASSIGN_OR_RETURN(const auto listing,
                            devices_.List(filter_, {++page_, sql::kMaxPageSize}));
    for (const devices::Device& device : listing.items) AppendDevice(device, piece);
    return listing.items.size() == sql::kMaxPageSize;
  }

 private:
  devices::DeviceService& devices_;
  const devices::DeviceFilter filter_;
  int page_ = 0;
};

Response ExportDevices(const Request& request, const DeviceCsvParts& parts,
                       const Envelope& envelope) {
  QueryInput input(request);
  const devices::DeviceFilter filter = ReadDeviceFilter(input);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const auto rows = std::make_shared<Export>(parts.devices, filter);
  Response response;
  response.SetHeader("Content-Type", "text/csv; charset=utf-8");
  response.SetHeader("Content-Disposition", "attachment; filename=\"devices.csv\"");
  response.SetHeader("Cache-Control", "no-store");
  response.body = DeviceCsvHeader();
  const auto more = rows->Next(response.body);
  if (!more.ok()) return envelope.Error(more.status());
  if (*more) response.more = [rows](std::string& piece) { return rows->Next(piece); };
  return response;
}

}  // namespace

void AddDeviceCsvRoutes(Routes& routes, DeviceCsvParts parts, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/devices.csv", [parts, &envelope](Request& request, const Claims&) {
    return ExportDevices(request, parts, envelope);
  });
  routes.Add(
      Method::kPost, "/api/devices.csv",
      [parts, &envelope](Request& request, const Claims&) {
        return envelope.From(ImportDevices(request, parts),
                             [](const base::Json& report) { return report; });
      },
      http::Run::kWorker, kBodyLimit);
}

}  // namespace energy::api
