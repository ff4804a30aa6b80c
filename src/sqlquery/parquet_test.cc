#include <gtest/gtest.h>

#include "sqlquery/duck.h"

// What src/query writes as Parquet, read by another implementation.

namespace energy::sqlquery {
namespace {

const std::string kFolder = ENERGY_QUERY_TESTDATA;

// The only row of a statement.
std::vector<double> Row(const std::string& sql) {
  const auto duck = OpenDuck(/*files=*/true);
  DuckResult result;
  std::vector<double> row;
  if (!duck.ok() ||
      duckdb_query(duck->connection.get(), sql.c_str(), result.get()) != DuckDBSuccess) {
    ADD_FAILURE() << (duck.ok() ? duckdb_result_error(result.get()) : "no DuckDB");
    return row;
  }
  for (idx_t column = 0; column < duckdb_column_count(result.get()); ++column) {
    row.push_back(duckdb_value_double(result.get(), column, 0));
  }
  return row;
}

// The numbers come from the rows that Format.ParquetIsTheFileThatOtherReadersKnow writes.
TEST(Parquet, DuckDbReadsWhatTheQueryEngineWrites) {
  const std::string columns =
      "SELECT count(*), sum(few), sum(many), count(gaps), sum(gaps), count(nothing), "
      "sum(epoch_us(time) - 1770422400000000) FROM '" +
      kFolder + "/many.parquet' WHERE device_id = ";
  const std::vector<double> first = Row(columns + "'D1'");
  EXPECT_EQ(first, (std::vector<double>{300, 2321, 2.214451174213723e+17, 200, -30000, 0,
                                        first.empty() ? 0 : first.back()}));
  ASSERT_EQ(first.size(), 7u);
  EXPECT_NEAR(first.back(), 226'125'188'969, 300);  // cut to microseconds
  const std::vector<double> second = Row(columns + "'Pumpe ü'");
  ASSERT_EQ(second.size(), 7u);
  EXPECT_EQ(second[1], 370);
  EXPECT_NEAR(second.back(), 5'184'231'762, 45);
  EXPECT_EQ(Row("SELECT count(*), count(voltage), sum(power) FROM '" + kFolder + "/one.parquet'"),
            (std::vector<double>{2, 1, 196}));
  EXPECT_EQ(Row("SELECT count(*), count(DISTINCT device_id) FROM '" + kFolder +
                "/several.parquet' WHERE time > '2026-02-07 11:26:00+00'"),
            (std::vector<double>{2, 2}));
  EXPECT_EQ(Row("SELECT count(*) FROM '" + kFolder + "/none.parquet'"), (std::vector<double>{0}));
}

}  // namespace
}  // namespace energy::sqlquery
