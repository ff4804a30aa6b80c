#include "dataset.h"

#include <charconv>

#include "time_series_server.h"

namespace energy::bench {
namespace {

template <typename Number, typename... Format>
void Append(std::string& out, Number number, Format... format) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, number, format...).ptr);
}

void AppendLine(std::string& out, const std::string& device, base::Timestamp time,
                const simulator::BulbReading& reading) {
  out += "telemetry,device_id=";
  out += device;
  out += " voltage=";
  Append(out, reading.voltage);
  out += ",current=";
  Append(out, reading.current);
  out += ",power=";
  Append(out, reading.power);
  out += ",temperature=";
  Append(out, reading.temperature);
  out += ' ';
  Append(out, time.time_since_epoch().count());
  out += '\n';
}

}  // namespace

DataSet DataSet::UpTo(base::Timestamp now, unsigned devices, std::chrono::days days,
                      std::chrono::seconds interval) {
  DataSet data;
  data.devices = devices;
  data.interval = interval;
  data.end = std::chrono::floor<std::chrono::days>(now);
  data.start = data.end - days;
  return data;
}

LineStream::LineStream(const DataSet& data, unsigned first, unsigned last)
    : data_(data), time_(data.start) {
  for (unsigned device = first; device <= last; ++device) {
    models_.emplace_back(simulator::BulbOptions{.seed = device});
    names_.push_back(data.prefix + std::to_string(device));
  }
}

bool LineStream::Next(std::string& body) {
  body.clear();
  for (size_t lines = 0; lines < kLinesPerRequest && time_ < data_.end; ++lines) {
    AppendLine(body, names_[device_], time_, models_[device_].Next(time_));
    if (++device_ < names_.size()) continue;
    device_ = 0;
    time_ += data_.interval;
  }
  return !body.empty();
}

base::Status PostAll(const TimeSeriesServer& server, const DataSet& data, unsigned connections) {
  return WriteOver(server, connections, [&](unsigned part, const PostLines& post) {
    LineStream lines(data, data.devices * part / connections + 1,
                     data.devices * (part + 1) / connections);
    base::Status status;
    for (std::string body; status.ok() && lines.Next(body);) status = post(body);
    return status;
  });
}

}  // namespace energy::bench
