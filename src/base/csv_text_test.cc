#include "base/csv_text.h"

#include <gtest/gtest.h>

namespace energy::base {
namespace {

std::string Cell(std::string_view text, std::string_view special = ",\r\n") {
  std::string out = "x,";
  AppendCsvCell(text, out, special);
  return out.substr(2);
}

TEST(CsvText, QuotesACellOnlyWhereItMust) {
  EXPECT_EQ(Cell(""), "");
  EXPECT_EQ(Cell("two words; 5"), "two words; 5");
  EXPECT_EQ(Cell("a,b"), "\"a,b\"");
  EXPECT_EQ(Cell("a\nb"), "\"a\nb\"");
  EXPECT_EQ(Cell("a;b", ",;"), "\"a;b\"");
  EXPECT_EQ(Cell("say \"hi\"", ";"), "\"say \"\"hi\"\"\"");
}

TEST(CsvText, FindsTheDelimiterThatTheHeaderHasMostOf) {
  EXPECT_EQ(FindCsvDelimiter("id"), ',');
  EXPECT_EQ(FindCsvDelimiter("id;name,type;status"), ';');
  EXPECT_EQ(FindCsvDelimiter("id\tname"), '\t');
  EXPECT_EQ(FindCsvDelimiter("a;b,c"), ',') << "as many: the comma";
}

}  // namespace
}  // namespace energy::base
