#include "plain_duckdb.h"

#include <duckdb.h>

#include <cstring>

namespace energy::bench {
namespace {

base::Status Failed(const char* text) {
  return base::Internal(std::string("DuckDB: ") + (text == nullptr ? "unknown error" : text));
}

int64_t Micros(base::Timestamp time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

base::Status AppendDevice(duckdb_appender appender, const DataSet& data, unsigned device) {
  const std::string name = data.prefix + std::to_string(device);
  simulator::BulbModel model(simulator::BulbOptions{.seed = device});
  for (base::Timestamp time = data.start; time < data.end; time += data.interval) {
    const simulator::BulbReading reading = model.Next(time);
    duckdb_append_varchar_length(appender, name.data(), name.size());
    duckdb_append_timestamp(appender, duckdb_timestamp{Micros(time)});
    for (const double value :
         {reading.voltage, reading.current, reading.power, reading.temperature}) {
      duckdb_append_double(appender, value);
    }
    if (duckdb_appender_end_row(appender) != DuckDBSuccess) {
      return Failed(duckdb_appender_error(appender));
    }
  }
  return {};
}

}  // namespace

PlainDuckDb::~PlainDuckDb() {
  duckdb_disconnect(&connection_);
  duckdb_close(&database_);
}

base::Status PlainDuckDb::Load(const DataSet& data) {
  if (duckdb_open(nullptr, &database_) != DuckDBSuccess ||
      duckdb_connect(database_, &connection_) != DuckDBSuccess) {
    return Failed("it does not open");
  }
  ENERGY_RETURN_IF_ERROR(
      Query("CREATE TABLE telemetry (device_id VARCHAR, time TIMESTAMPTZ, voltage DOUBLE, current "
            "DOUBLE, power DOUBLE, temperature DOUBLE)")
          .status());
  duckdb_appender appender = nullptr;
  base::Status status;
  if (duckdb_appender_create(connection_, nullptr, "telemetry", &appender) != DuckDBSuccess) {
    status = Failed(duckdb_appender_error(appender));
  }
  for (unsigned device = 1; status.ok() && device <= data.devices; ++device) {
    status = AppendDevice(appender, data, device);
  }
  if (status.ok() && duckdb_appender_close(appender) != DuckDBSuccess) {
    status = Failed(duckdb_appender_error(appender));
  }
  duckdb_appender_destroy(&appender);
  return status;
}

base::Result<std::vector<double>> PlainDuckDb::Query(const std::string& sql) const {
  duckdb_result result;
  base::Status status;
  if (duckdb_query(connection_, sql.c_str(), &result) != DuckDBSuccess) {
    status = Failed(duckdb_result_error(&result));
  }
  std::vector<double> values;
  for (idx_t row = 0; status.ok() && row < duckdb_row_count(&result); ++row) {
    for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
      if (duckdb_column_type(&result, column) == DUCKDB_TYPE_VARCHAR) {
        char* text = duckdb_value_varchar(&result, column, row);
        values.push_back(static_cast<double>(std::strlen(text)));
        duckdb_free(text);
      } else {
        values.push_back(duckdb_value_double(&result, column, row));
      }
    }
  }
  duckdb_destroy_result(&result);
  if (!status.ok()) return status;
  return values;
}

}  // namespace energy::bench
