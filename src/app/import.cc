#include "app/import.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <thread>

#include "app/import_report.h"
#include "app/parts.h"
#include "base/base64.h"
#include "http/client.h"

namespace energy::app {
namespace {

constexpr size_t kRowsAtOnce = 2000;
constexpr int kRetries = 60;

// One batch's fate: what was refused, by position. An error ends the import.
using Refused = std::vector<std::pair<size_t, std::string>>;
using Sink = std::function<base::Result<Refused>(const base::Json& readings)>;

base::Json ReadJsonFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return base::Json::parse(file, nullptr, /*allow_exceptions=*/false);
}

// The running server of the data folder, if there is one.
std::string FindServer(const std::string& data_dir) {
  const base::Json endpoints = ReadJsonFile(std::filesystem::path(data_dir) / "endpoints.json");
  if (!endpoints.is_object() || !endpoints.contains("http")) return {};
  const std::string url = endpoints["http"];
  const auto health = http::Get(url + "/health");
  return health.ok() && health->status == 200 ? url : "";
}

base::Result<std::string> Authorization(const ImportOptions& options, const std::string& url,
                                        const std::string& data_dir) {
  if (!options.token.empty()) return "Bearer " + options.token;
  if (!options.username.empty()) {
    return "Basic " + base::EncodeBase64(options.username + ":" + options.password);
  }
  const base::Json admin = ReadJsonFile(std::filesystem::path(data_dir) / "admin-credentials.json");
  if (!admin.is_object()) {
    return base::InvalidArgument(
        "no credentials: give --token, or --username and ENERGY_IMPORT_PASSWORD");
  }
  ENERGY_ASSIGN_OR_RETURN(const http::Response answer,
                          http::Post(url + "/api/auth/login", admin.dump()));
  const base::Json body = base::Json::parse(answer.body, nullptr, false);
  if (answer.status != 200 || !body.is_object()) {
    return base::Unauthenticated(
        "the admin's first password is no longer valid: give --token, or --username and "
        "ENERGY_IMPORT_PASSWORD");
  }
  return "Bearer " + body["data"]["token"].get<std::string>();
}

// What was refused by an answer of POST /api/data/telemetry/{id}.
base::Result<Refused> ReadAnswer(const http::Response& answer, size_t count) {
  const base::Json body = base::Json::parse(answer.body, nullptr, false);
  const auto member = [&](const char* name) {
    return body.is_object() && body.contains(name) ? body[name] : base::Json();
  };
  Refused refused;
  if (answer.status == 200) {
    const base::Json results = member("data")["results"];
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i]["status"] == "rejected") refused.emplace_back(i, results[i]["detail"]);
    }
    return refused;
  }
  const base::Json error = member("error");
  const std::string message = error.is_object() ? error["message"].get<std::string>() : answer.body;
  if (answer.status != 400 || !error.is_object() || !error.contains("details")) {
    return base::InvalidArgument("the server answers " + std::to_string(answer.status) + ": " +
                                 message);
  }
  for (size_t i = 0; i < count; ++i) {
    const std::string name = "readings[" + std::to_string(i) + "]";
    refused.emplace_back(i, error["details"].contains(name)
                                ? error["details"][name].get<std::string>()
                                : "as the rows above");
  }
  return refused;
}

base::Result<Sink> ServerSink(const ImportOptions& options, const std::string& url,
                              const std::string& data_dir) {
  ENERGY_ASSIGN_OR_RETURN(const std::string authorization, Authorization(options, url, data_dir));
  const std::string target = url + "/api/data/telemetry/" + options.device;
  return Sink([target, authorization](const base::Json& readings) -> base::Result<Refused> {
    const std::string body = readings.dump();
    const http::Headers headers{{"Authorization", authorization}};
    for (int attempt = 0;; ++attempt) {
      ENERGY_ASSIGN_OR_RETURN(
          const http::Response answer,
          http::Fetch(http::Method::kPost, target, body, headers, std::chrono::seconds(60)));
      if (answer.status != 503 || attempt == kRetries) return ReadAnswer(answer, readings.size());
      std::this_thread::sleep_for(std::chrono::seconds(1));  // as Retry-After has it
    }
  });
}

// The pipeline of this process.
Sink PlatformSink(Platform& platform, const std::string& device) {
  return [&platform, device](const base::Json& readings) -> base::Result<Refused> {
    Parts& parts = platform.parts();
    const std::string body = readings.dump();
    telemetry::Refusals refusals;
    auto durable = std::make_shared<std::promise<base::Status>>();
    {
      const auto lane = parts.lanes->Take();
      lane->Read(device, body, /*device_id_required=*/false, std::nullopt, refusals);
      lane->Keep(refusals, "devices/" + device + "/telemetry");
      lane->Flush([durable](const base::Status& status) { durable->set_value(status); });
    }
    ENERGY_RETURN_IF_ERROR(durable->get_future().get());
    Refused refused;
    for (const auto& one : refusals) {
      if (one.rejection.reason == telemetry::RejectReason::kUnknownDevice) {
        return base::NotFound(one.rejection.detail);
      }
      refused.emplace_back(one.number - 1, one.rejection.detail);
    }
    return refused;
  };
}

base::Status Send(const Sink& sink, base::Json& readings, std::vector<size_t>& lines,
                  ImportReport& report) {
  if (readings.empty()) return {};
  ENERGY_ASSIGN_OR_RETURN(const Refused refused, sink(readings));
  for (const auto& [index, why] : refused) report.Refused(lines.at(index), why);
  report.Stored(lines.size() - refused.size(), lines.back());
  readings = base::Json::array();
  lines.clear();
  if (report.stored() > 0 || report.refused() < kRowsAtOnce) return {};
  return base::InvalidArgument("none of the first " + std::to_string(report.refused()) +
                               " rows was accepted: correct the profile or the options and repeat "
                               "the command");
}

base::Status Run(std::istream& file, CsvRows& rows, const Sink& sink, ImportReport& report) {
  base::Json readings = base::Json::array();
  std::vector<size_t> lines;
  for (CsvRow row; rows.Next(row);) {
    if (!row.error.empty()) {
      report.Refused(row.line, row.error);
      continue;
    }
    readings.push_back(std::move(row.reading));
    lines.push_back(row.line);
    if (lines.size() < kRowsAtOnce) continue;
    ENERGY_RETURN_IF_ERROR(Send(sink, readings, lines, report));
    report.Progress(file.tellg());
  }
  return Send(sink, readings, lines, report);
}

int Finish(const base::Status& status, ImportReport& report, const ImportOptions& options) {
  report.EndProgress();
  if (!status.ok()) {
    std::cerr << "energy-platform: " << status.message() << "\n";
    for (const base::FieldError& error : status.fields()) {
      std::cerr << "  " << error.field << " " << error.message << "\n";
    }
    if (report.stored() > 0) {
      std::cerr << "what is up to line " << report.last_line()
                << " is stored; the same command again goes on and stores nothing twice\n";
    }
    return 1;
  }
  std::cout << report.stored() << " readings of " << options.device << " stored, "
            << report.refused() << " rows refused\n";
  return report.refused() == 0 ? 0 : 3;
}

}  // namespace

int Import(const ImportOptions& options, const Settings& settings) {
  std::signal(SIGPIPE, SIG_IGN);
  std::error_code unknown;
  const uintmax_t bytes = std::filesystem::file_size(options.file, unknown);
  ImportReport report(unknown ? 0 : bytes);
  std::ifstream file(options.file);
  if (!file) return Finish(base::InvalidArgument("cannot read " + options.file), report, options);
  auto rows = CsvRows::Open(file, options.csv);
  if (!rows.ok()) return Finish(rows.status(), report, options);
  const std::string url = options.url.empty() ? FindServer(settings.data_dir) : options.url;
  if (!url.empty()) {
    std::cerr << "importing through " << url << "\n";
    const auto sink = ServerSink(options, url, settings.data_dir);
    return Finish(sink.ok() ? Run(file, *rows, *sink, report) : sink.status(), report, options);
  }
  std::cerr << "no server runs on " << settings.data_dir << ": importing into it directly\n";
  Settings own = settings;
  own.http_address = own.mqtt_address = "127.0.0.1";
  own.http_port = own.mqtt_port = 0;
  auto platform = Platform::Open(own, base::MakeLogger("import", "warning"));
  if (!platform.ok()) return Finish(platform.status(), report, options);
  base::Status status = (*platform)->Start();
  if (status.ok()) status = Run(file, *rows, PlatformSink(**platform, options.device), report);
  (*platform)->Stop();
  return Finish(status, report, options);
}

}  // namespace energy::app
