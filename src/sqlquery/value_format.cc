#include "sqlquery/value_format.h"

#include <fmt/format.h>

#include <iterator>

#include "sqlquery/value_text.h"

namespace energy::sqlquery {
namespace {

template <class T>
T At(const void* data, uint64_t row) {
  return static_cast<const T*>(data)[row];
}

}  // namespace

bool ValueFormat::is_nested() const {
  return type_ == DUCKDB_TYPE_LIST || type_ == DUCKDB_TYPE_ARRAY || type_ == DUCKDB_TYPE_STRUCT;
}

bool ValueFormat::is_number() const {
  switch (type_) {
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
      return true;
    default:
      return type_ >= DUCKDB_TYPE_BOOLEAN && type_ <= DUCKDB_TYPE_DOUBLE;
  }
}

bool ValueFormat::AppendNumber(const void* data, uint64_t row, std::string& out) const {
  const auto append = [&](auto value) { fmt::format_to(std::back_inserter(out), "{}", value); };
  switch (type_ == DUCKDB_TYPE_DECIMAL ? internal_ : type_) {
    case DUCKDB_TYPE_BOOLEAN:
      out += At<bool>(data, row) ? "true" : "false";
      return true;
    case DUCKDB_TYPE_UTINYINT:
      append(unsigned{At<uint8_t>(data, row)});
      return true;
    case DUCKDB_TYPE_USMALLINT:
      append(At<uint16_t>(data, row));
      return true;
    case DUCKDB_TYPE_UINTEGER:
      append(At<uint32_t>(data, row));
      return true;
    case DUCKDB_TYPE_UBIGINT:
      append(At<uint64_t>(data, row));
      return true;
    case DUCKDB_TYPE_TINYINT:
      AppendDecimal(At<int8_t>(data, row), scale_, out);
      return true;
    case DUCKDB_TYPE_SMALLINT:
      AppendDecimal(At<int16_t>(data, row), scale_, out);
      return true;
    case DUCKDB_TYPE_INTEGER:
      AppendDecimal(At<int32_t>(data, row), scale_, out);
      return true;
    case DUCKDB_TYPE_BIGINT:
      AppendDecimal(At<int64_t>(data, row), scale_, out);
      return true;
    case DUCKDB_TYPE_HUGEINT: {
      const auto value = At<duckdb_hugeint>(data, row);
      AppendDecimal(static_cast<Wide>(Join(static_cast<uint64_t>(value.upper), value.lower)),
                    scale_, out);
      return true;
    }
    case DUCKDB_TYPE_UHUGEINT: {
      const auto value = At<duckdb_uhugeint>(data, row);
      out += Digits(Join(value.upper, value.lower));
      return true;
    }
    case DUCKDB_TYPE_FLOAT:
      return AppendFloat(At<float>(data, row), out);
    default:
      return AppendFloat(At<double>(data, row), out);
  }
}

bool ValueFormat::AppendTime(const void* data, uint64_t row, std::string& out) const {
  const auto value = At<int64_t>(data, row);
  switch (type_) {
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      AppendTimestamp(value, 0, type_ == DUCKDB_TYPE_TIMESTAMP_TZ, out);
      return true;
    case DUCKDB_TYPE_TIMESTAMP_S:
      AppendTimestamp(value * 1'000'000, 0, false, out);
      return true;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      AppendTimestamp(value * 1'000, 0, false, out);
      return true;
    case DUCKDB_TYPE_TIMESTAMP_NS: {
      const int64_t rest = ((value % 1000) + 1000) % 1000;
      AppendTimestamp((value - rest) / 1000, rest, false, out);
      return true;
    }
    case DUCKDB_TYPE_TIME:
      AppendClock(duckdb_from_time(duckdb_time{value}), 0, out);
      return true;
    default:
      return false;
  }
}

bool ValueFormat::AppendScalar(const void* data, uint64_t row, std::string& out) const {
  if (is_number()) return AppendNumber(data, row, out);
  if (AppendTime(data, row, out)) return true;
  switch (type_) {
    case DUCKDB_TYPE_DATE: {
      const auto date = At<duckdb_date>(data, row);
      if (duckdb_is_finite_date(date)) {
        AppendDate(date, out);
      } else {
        out += date.days > 0 ? "infinity" : "-infinity";
      }
      break;
    }
    case DUCKDB_TYPE_INTERVAL:
      AppendInterval(At<duckdb_interval>(data, row), out);
      break;
    case DUCKDB_TYPE_UUID:
      AppendUuid(At<duckdb_hugeint>(data, row), out);
      break;
    case DUCKDB_TYPE_ENUM: {
      const uint64_t index = internal_ == DUCKDB_TYPE_UTINYINT    ? At<uint8_t>(data, row)
                             : internal_ == DUCKDB_TYPE_USMALLINT ? At<uint16_t>(data, row)
                                                                  : At<uint32_t>(data, row);
      if (index < names_.size()) out += names_[index];
      break;
    }
    default: {
      auto text = At<duckdb_string_t>(data, row);
      out.append(duckdb_string_t_data(&text), duckdb_string_t_length(text));
    }
  }
  return true;
}

void ValueFormat::AppendList(duckdb_vector child, uint64_t from, uint64_t count,
                             std::string& out) const {
  out += '[';
  for (uint64_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    children_[0].AppendJson(child, from + i, out);
  }
  out += ']';
}

void ValueFormat::AppendNested(duckdb_vector vector, uint64_t row, std::string& out) const {
  if (type_ == DUCKDB_TYPE_LIST) {
    const auto entry = At<duckdb_list_entry>(duckdb_vector_get_data(vector), row);
    return AppendList(duckdb_list_vector_get_child(vector), entry.offset, entry.length, out);
  }
  if (type_ == DUCKDB_TYPE_ARRAY) {
    return AppendList(duckdb_array_vector_get_child(vector), row * array_size_, array_size_, out);
  }
  out += '{';
  for (size_t i = 0; i < children_.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonText(names_[i], out);
    out += ':';
    children_[i].AppendJson(duckdb_struct_vector_get_child(vector, i), row, out);
  }
  out += '}';
}

void ValueFormat::AppendJson(duckdb_vector vector, uint64_t row, std::string& out) const {
  const uint64_t* validity = duckdb_vector_get_validity(vector);
  if (type_ == DUCKDB_TYPE_SQLNULL ||
      (validity != nullptr &&
       !duckdb_validity_row_is_valid(const_cast<uint64_t*>(validity), row))) {
    out += "null";
    return;
  }
  if (is_nested()) return AppendNested(vector, row, out);
  const void* data = duckdb_vector_get_data(vector);
  const size_t begin = out.size();
  if (!is_number()) {
    std::string text;
    AppendScalar(data, row, text);
    AppendJsonText(text, out);
  } else if (!AppendNumber(data, row, out)) {
    out.resize(begin);
    out += "null";
  }
}

void ValueFormat::AppendCsv(duckdb_vector vector, uint64_t row, std::string& out) const {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (type_ == DUCKDB_TYPE_SQLNULL ||
      (validity != nullptr && !duckdb_validity_row_is_valid(validity, row))) {
    return;
  }
  if (is_number()) {
    AppendNumber(duckdb_vector_get_data(vector), row, out);
    return;
  }
  std::string text;
  if (is_nested()) {
    AppendNested(vector, row, text);
  } else {
    AppendScalar(duckdb_vector_get_data(vector), row, text);
  }
  AppendCsvText(text, out);
}

}  // namespace energy::sqlquery
