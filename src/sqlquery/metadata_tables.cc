#include <functional>

#include "sqlquery/tables.h"

namespace energy::sqlquery {
namespace {

int64_t Micros(base::Timestamp time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}
int64_t Micros(const std::optional<base::Timestamp>& time) {
  return time ? Micros(*time) : kNullInteger;
}
double OrNan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

// One value of one item, in the type of its column.
using Value = std::variant<std::optional<std::string>, int64_t, double>;

template <class T>
struct Column {
  ColumnSpec spec;
  std::function<Value(const T&)> get;
};

std::optional<std::string> Some(std::string_view text) { return std::string(text); }

template <class T>
using ListPage = std::function<base::Result<sql::Listing<T>>(sql::Page)>;

template <class T>
ColumnData Extract(const Column<T>& column, const std::vector<T>& items) {
  const auto collect = [&](auto values) -> ColumnData {
    values.reserve(items.size());
    using Element = typename decltype(values)::value_type;
    for (const T& item : items) values.push_back(std::get<Element>(column.get(item)));
    return values;
  };
  switch (column.spec.type) {
    case ColumnType::kText:
      return collect(std::vector<std::optional<std::string>>());
    case ColumnType::kDouble:
      return collect(std::vector<double>());
    default:
      return collect(std::vector<int64_t>());
  }
}

// Goes through a list page by page, so that its size does not matter. The order is that of
// creation: what is created meanwhile comes last and moves nothing.
template <class T>
class PageScan final : public Scan {
 public:
  PageScan(const std::vector<Column<T>>& all, std::vector<uint16_t> columns, ListPage<T> list)
      : all_(all), columns_(std::move(columns)), list_(std::move(list)) {}

  base::Result<Block> Next(const Check& /*check*/) override {
    Block block;
    if (ended_) return block;
    ENERGY_ASSIGN_OR_RETURN(const sql::Listing<T> page,
                            list_({.page = ++page_, .page_size = sql::kMaxPageSize}));
    ended_ = page.items.size() < static_cast<size_t>(sql::kMaxPageSize);
    block.rows = static_cast<uint32_t>(page.items.size());
    for (const uint16_t column : columns_) {
      block.columns.push_back(Extract(all_[column], page.items));
    }
    return block;
  }

 private:
  const std::vector<Column<T>>& all_;
  const std::vector<uint16_t> columns_;
  const ListPage<T> list_;
  int page_ = 0;
  bool ended_ = false;
};

template <class T>
class ListTable final : public Table {
 public:
  ListTable(std::string name, std::vector<Column<T>> columns, ListPage<T> list)
      : columns_(std::move(columns)), list_(std::move(list)) {
    spec_.name = std::move(name);
    for (const Column<T>& column : columns_) spec_.columns.push_back(column.spec);
  }
  const TableSpec& spec() const override { return spec_; }
  std::unique_ptr<Scan> Open(std::vector<uint16_t> columns, ScanFilter, Room) override {
    return std::make_unique<PageScan<T>>(columns_, std::move(columns), list_);
  }

 private:
  const std::vector<Column<T>> columns_;
  const ListPage<T> list_;
  TableSpec spec_;
};

std::vector<Column<devices::Device>> DeviceColumns() {
  using devices::Device;
  constexpr auto kText = ColumnType::kText;
  constexpr auto kTime = ColumnType::kTime;
  return {
      {{"device_id", kText}, [](const Device& d) { return Some(d.id); }},
      {{"name", kText}, [](const Device& d) { return Some(d.name); }},
      {{"type", kText}, [](const Device& d) { return Some(d.type); }},
      {{"location", kText}, [](const Device& d) { return d.location; }},
      {{"status", kText}, [](const Device& d) { return Some(devices::StatusName(d.status)); }},
      {{"metadata", kText}, [](const Device& d) { return Some(d.metadata.dump()); }},
      {{"health_score", ColumnType::kDouble},
       [](const Device& d) { return OrNan(d.health_score); }},
      {{"last_seen", kTime}, [](const Device& d) { return Micros(d.last_seen); }},
      {{"created_at", kTime}, [](const Device& d) { return Micros(d.created_at); }},
      {{"updated_at", kTime}, [](const Device& d) { return Micros(d.updated_at); }},
  };
}

std::vector<Column<alerts::Alert>> AlertColumns() {
  using alerts::Alert;
  constexpr auto kText = ColumnType::kText;
  constexpr auto kTime = ColumnType::kTime;
  constexpr auto kDouble = ColumnType::kDouble;
  return {
      {{"alert_id", kText}, [](const Alert& a) { return Some(a.id); }},
      {{"rule_id", kText}, [](const Alert& a) { return Some(a.rule_id); }},
      {{"rule_name", kText}, [](const Alert& a) { return Some(a.rule_name); }},
      {{"device_id", kText}, [](const Alert& a) { return Some(a.device_id); }},
      {{"property", kText}, [](const Alert& a) { return Some(a.property); }},
      {{"operator", kText}, [](const Alert& a) { return Some(rules::OperatorName(a.op)); }},
      {{"threshold_value", kDouble}, [](const Alert& a) { return a.threshold_value; }},
      {{"severity", kText}, [](const Alert& a) { return Some(rules::SeverityName(a.severity)); }},
      {{"unit", kText}, [](const Alert& a) { return a.unit; }},
      {{"message", kText}, [](const Alert& a) { return Some(a.message); }},
      {{"actual_value", kDouble}, [](const Alert& a) { return a.actual_value; }},
      {{"latest_value", kDouble}, [](const Alert& a) { return a.latest_value; }},
      {{"worst_value", kDouble}, [](const Alert& a) { return a.worst_value; }},
      {{"reading_count", ColumnType::kInteger},
       [](const Alert& a) { return static_cast<int64_t>(a.reading_count); }},
      {{"status", kText}, [](const Alert& a) { return Some(alerts::AlertStatusName(a.status)); }},
      {{"comment", kText}, [](const Alert& a) { return a.comment; }},
      {{"acknowledged_at", kTime}, [](const Alert& a) { return Micros(a.acknowledged_at); }},
      {{"resolved_at", kTime}, [](const Alert& a) { return Micros(a.resolved_at); }},
      {{"created_at", kTime}, [](const Alert& a) { return Micros(a.created_at); }},
      {{"last_seen_at", kTime}, [](const Alert& a) { return Micros(a.last_seen_at); }},
  };
}

}  // namespace

std::unique_ptr<Table> MakeDeviceTable(devices::DeviceService& devices) {
  return std::make_unique<ListTable<devices::Device>>("devices", DeviceColumns(),
                                                      [&devices](sql::Page page) {
                                                        devices::DeviceFilter filter;
                                                        filter.sort = "created_at";
                                                        return devices.List(filter, page);
                                                      });
}

std::unique_ptr<Table> MakeAlertTable(alerts::AlertService& alerts) {
  return std::make_unique<ListTable<alerts::Alert>>("alerts", AlertColumns(),
                                                    [&alerts](sql::Page page) {
                                                      alerts::AlertFilter filter;
                                                      filter.sort = "created_at";
                                                      return alerts.List(filter, page);
                                                    });
}

}  // namespace energy::sqlquery
