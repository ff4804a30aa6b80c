#include <fmt/format.h>

#include "sqlquery/value_format.h"

// Which types of DuckDB have a text, and what is needed to know of them.

namespace energy::sqlquery {
namespace {

std::string_view ScalarName(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_TIMESTAMP:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S:
      return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_VARCHAR:
      return "VARCHAR";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_SQLNULL:
      return "NULL";
    default:
      return "";
  }
}

std::string TakeText(char* text) {
  std::string taken = text == nullptr ? "" : text;
  duckdb_free(text);
  return taken;
}

}  // namespace

base::Result<ValueFormat> ValueFormat::For(duckdb_logical_type type, std::string_view column) {
  ValueFormat format;
  format.type_ = duckdb_get_type_id(type);
  format.type_name_ = ScalarName(format.type_);
  const auto add_child = [&](duckdb_logical_type child) -> base::Status {
    const DuckType owned(child);
    ENERGY_ASSIGN_OR_RETURN(ValueFormat made, For(owned.get(), column));
    format.children_.push_back(std::move(made));
    return {};
  };
  switch (format.type_) {
    case DUCKDB_TYPE_DECIMAL:
      format.scale_ = duckdb_decimal_scale(type);
      format.internal_ = duckdb_decimal_internal_type(type);
      format.type_name_ = fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), format.scale_);
      break;
    case DUCKDB_TYPE_ENUM:
      format.internal_ = duckdb_enum_internal_type(type);
      format.type_name_ = "ENUM";
      for (uint32_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
        format.names_.push_back(TakeText(duckdb_enum_dictionary_value(type, i)));
      }
      break;
    case DUCKDB_TYPE_LIST:
      ENERGY_RETURN_IF_ERROR(add_child(duckdb_list_type_child_type(type)));
      format.type_name_ = format.children_[0].type_name_ + "[]";
      break;
    case DUCKDB_TYPE_ARRAY:
      format.array_size_ = duckdb_array_type_array_size(type);
      ENERGY_RETURN_IF_ERROR(add_child(duckdb_array_type_child_type(type)));
      format.type_name_ = fmt::format("{}[{}]", format.children_[0].type_name_, format.array_size_);
      break;
    case DUCKDB_TYPE_STRUCT: {
      std::string members;
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        format.names_.push_back(TakeText(duckdb_struct_type_child_name(type, i)));
        ENERGY_RETURN_IF_ERROR(add_child(duckdb_struct_type_child_type(type, i)));
        if (i > 0) members += ", ";
        members += QuotedName(format.names_.back()) + " " + format.children_.back().type_name_;
      }
      format.type_name_ = "STRUCT(" + members + ")";
      break;
    }
    default:
      if (!format.type_name_.empty()) break;
      return base::InvalidField("sql", "gives the column '" + std::string(column) +
                                           "' a type without a text form: CAST it to VARCHAR");
  }
  return format;
}

}  // namespace energy::sqlquery
