#include <algorithm>
#include <random>

#include "query/plan.h"
#include "query/test_support.h"
#include "query/time_grid.h"

// Random queries over random readings against a plain recomputation from the readings.

namespace energy::query {
namespace {

constexpr int64_t kHourNs = 3600 * kSecondNs;
const std::vector<std::string> kFields{"power", "voltage"};
const std::vector<Aggregate> kSummaryAggregates{
    Aggregate::kMean,    Aggregate::kMin,    Aggregate::kMax,
    Aggregate::kSum,     Aggregate::kCount,  Aggregate::kFirst,
    Aggregate::kLast,    Aggregate::kSpread, Aggregate::kTimeWeightedMean,
    Aggregate::kIntegral};

using Samples = std::vector<std::pair<int64_t, double>>;

double Trapezoid(int64_t ns, double a, double b) {
  return (a + b) / 2 * static_cast<double>(ns) / static_cast<double>(kHourNs);
}

struct Integral {
  double value = 0;
  int64_t covered_ns = 0;
};

// Integrals of the windows that have samples; every step is cut at each edge it crosses.
std::vector<Integral> Integrals(const Samples& samples, const TimeGrid& grid) {
  std::vector<Integral> out(grid.windows());
  for (size_t i = 1; i < samples.size(); ++i) {
    const auto [from, a] = samples[i - 1];
    const auto [to, b] = samples[i];
    if (to - from > kHourNs) continue;
    const auto at = [from = from, to = to, a = a, b = b](int64_t t) {
      return a + (b - a) * static_cast<double>(t - from) / static_cast<double>(to - from);
    };
    for (size_t w = grid.Find(from); w < grid.windows() && grid.edges[w] < to; ++w) {
      const int64_t low = std::max(from, grid.edges[w]);
      const int64_t high = std::min(to, grid.edges[w + 1]);
      out[w].value += Trapezoid(high - low, at(low), at(high));
      out[w].covered_ns += high - low;
    }
  }
  return out;
}

double Percentile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double position = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  const double share = position - static_cast<double>(below);
  return share == 0 ? values[below] : values[below] + share * (values[below + 1] - values[below]);
}

double Plain(Aggregate aggregate, const Samples& samples, const Integral& integral) {
  std::vector<double> values;
  for (const auto& sample : samples) values.push_back(sample.second);
  const auto n = static_cast<double>(values.size());
  if (aggregate == Aggregate::kCount) return n;
  if (values.empty()) return NAN;
  double sum = 0;
  for (const double value : values) sum += value;
  double m2 = 0;
  for (const double value : values) m2 += (value - sum / n) * (value - sum / n);
  if (const auto p = PercentileOf(aggregate)) return Percentile(values, *p);
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  switch (aggregate) {
    case Aggregate::kMean:
      return sum / n;
    case Aggregate::kMin:
      return *min;
    case Aggregate::kMax:
      return *max;
    case Aggregate::kSum:
      return sum;
    case Aggregate::kFirst:
      return values.front();
    case Aggregate::kLast:
      return values.back();
    case Aggregate::kSpread:
      return *max - *min;
    case Aggregate::kStddev:
      return values.size() > 1 ? std::sqrt(m2 / (n - 1)) : NAN;
    case Aggregate::kTimeWeightedMean:
      return integral.covered_ns > 0 ? integral.value * static_cast<double>(kHourNs) /
                                           static_cast<double>(integral.covered_ns)
                                     : sum / n;
    default:
      return integral.value;
  }
}

class EnginePropertyTest : public EngineTest {
 protected:
  // Five days with outages, each field absent at times, a part arriving late and some of it twice;
  // the late ones are sealed into the chunks of the others or still to be.
  void Fill(const std::string& device, bool seal_late) {
    platform_.AddDevice(device);
    const int64_t start = NsAt("2026-03-27T00:00:00Z");
    int64_t time = start;
    Readings early;
    Readings late;
    Readings& all = readings_[device];
    while (time < start + 5 * 24 * kHourNs) {
      const int64_t step = 10 + static_cast<int64_t>(random_() % 50);
      time += step * kSecondNs +
              (random_() % 500 == 0 ? static_cast<int64_t>(random_() % 9) * kHourNs : 0);
      std::vector<double> values{std::round(static_cast<double>(random_() % 50'000)) / 100,
                                 230 + static_cast<double>(random_() % 1000) / 1e9};
      if (random_() % 10 == 0) values[random_() % 2] = NAN;
      all[time] = values;
      (random_() % 20 == 0 ? late : early)[time] = values;
      if (random_() % 50 == 0) late[time] = values;
    }
    Store(device, kFields, early);
    ASSERT_TRUE(platform_.store->Seal().ok());
    Store(device, kFields, late);
    if (seal_late) {
      ASSERT_TRUE(platform_.store->Seal().ok());
    }
  }

  Samples Of(const std::string& device, size_t field, int64_t start, int64_t end) const {
    Samples samples;
    const Readings& all = readings_.at(device);
    for (auto it = all.lower_bound(start); it != all.end() && it->first < end; ++it) {
      if (!std::isnan(it->second[field])) samples.emplace_back(it->first, it->second[field]);
    }
    return samples;
  }

  Query RandomQuery() {
    Query query;
    query.devices = {"D1", "D2"};
    query.fields = kFields;
    const int64_t begin = NsAt("2026-03-26T20:00:00Z");
    const int64_t unit = random_() % 3 == 0   ? kHourNs
                         : random_() % 2 == 0 ? 24 * kHourNs
                                              : 7 * kSecondNs;
    const int64_t from = begin + static_cast<int64_t>(random_() % 100) * kHourNs;
    const int64_t start = from / unit * unit;
    query.start = base::Timestamp(std::chrono::nanoseconds(start));
    query.end =
        query.start + std::chrono::nanoseconds(unit * (1 + static_cast<int64_t>(random_() % 60)));
    const char* windows[] = {"7m", "30m", "1h", "2h", "6h", "day", "week", "month"};
    const char* zones[] = {"UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"};
    if (random_() % 8 != 0) query.window = ParseWindow(windows[random_() % 8]);
    query.time_zone = zones[random_() % 4];
    query.grouping = random_() % 3 != 0 ? Grouping::kDevice : Grouping::kTogether;
    query.aggregates = kSummaryAggregates;
    if (random_() % 2 == 0) {
      const char* long_windows[] = {"5h", "7h", "11h", "1000m", "day", "week"};
      query.window = ParseWindow(long_windows[random_() % 6]);
      query.time_zone = random_() % 4 == 0 ? "UTC" : "Asia/Kolkata";
      query.end = query.start + std::chrono::hours(3 + random_() % 120);
      std::erase_if(query.aggregates, [](Aggregate aggregate) { return !IsInHeaders(aggregate); });
      if (random_() % 2 == 0) {
        query.aggregates = {Aggregate::kSpread, Aggregate::kMean, Aggregate::kCount};
      }
      return query;
    }
    if (random_() % 2 == 0) {
      query.aggregates.push_back(Aggregate::kStddev);
      query.aggregates.push_back(Aggregate::kP50);
      query.aggregates.push_back(Aggregate::kP99);
    }
    return query;
  }

  void Check(const Query& query, const Block& block, const std::vector<std::string>& devices) {
    const TimeGrid grid = *MakeTimeGrid(query.start, query.end, query.window, query.time_zone);
    std::vector<size_t> expected_windows;
    for (size_t f = 0; f < kFields.size(); ++f) {
      std::vector<Samples> samples(grid.windows());
      std::vector<Integral> integrals(grid.windows());
      for (const std::string& device : devices) {
        const Samples all = Of(device, f, grid.edges.front(), grid.edges.back());
        for (const auto& sample : all) samples[grid.Find(sample.first)].push_back(sample);
        const std::vector<Integral> own = Integrals(all, grid);
        for (size_t w = 0; w < own.size(); ++w) {
          // A window gets its part of a step only from a device that has readings there.
          const Samples here = Of(device, f, grid.edges[w], grid.edges[w + 1]);
          if (here.empty()) continue;
          integrals[w].value += own[w].value;
          integrals[w].covered_ns += own[w].covered_ns;
        }
      }
      for (Samples& part : samples)
        std::stable_sort(part.begin(), part.end(),
                         [](auto& a, auto& b) { return a.first < b.first; });
      for (size_t row = 0; row < block.time_ns.size(); ++row) {
        const size_t w = grid.Find(block.time_ns[row]);
        ASSERT_EQ(grid.edges[w], block.time_ns[row]);
        for (size_t a = 0; a < query.aggregates.size(); ++a) {
          const double plain = Plain(query.aggregates[a], samples[w], integrals[w]);
          const double got = block.columns[f * query.aggregates.size() + a][row];
          if (std::isnan(plain)) {
            EXPECT_TRUE(std::isnan(got)) << AggregateName(query.aggregates[a]);
            continue;
          }
          const double near = 1e-9 * std::max(1.0, std::fabs(plain));
          EXPECT_NEAR(got, plain, near)
              << AggregateName(query.aggregates[a]) << " of " << kFields[f];
        }
      }
      for (size_t w = 0; w < grid.windows(); ++w) {
        if (!samples[w].empty()) expected_windows.push_back(w);
      }
    }
    std::sort(expected_windows.begin(), expected_windows.end());
    expected_windows.erase(std::unique(expected_windows.begin(), expected_windows.end()),
                           expected_windows.end());
    EXPECT_EQ(block.time_ns.size(), expected_windows.size());
  }

  std::mt19937_64 random_{11};
  std::map<std::string, Readings> readings_;
};

TEST_F(EnginePropertyTest, EverySourceAnswersAsTheReadingsDo) {
  Fill("D1", true);
  Fill("D2", false);
  std::map<Source, int> sources;
  for (int i = 0; i < 300; ++i) {
    const Query query = RandomQuery();
    SCOPED_TRACE(base::FormatTimestamp(query.start) + " to " + base::FormatTimestamp(query.end) +
                 (query.window ? " by " + WindowText(*query.window) : "") + " in " +
                 query.time_zone + (query.grouping == Grouping::kDevice ? "" : " together"));
    const All all = Run(query);
    ++sources[all.header.source];
    if (query.grouping == Grouping::kDevice) {
      for (const Block& block : all.blocks) Check(query, block, {block.key});
    } else if (!all.blocks.empty()) {
      Check(query, all.blocks.front(), query.devices);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(sources[Source::kRaw], 10);
  EXPECT_GT(sources[Source::kChunkHeader], 10);
  EXPECT_GT(sources[Source::kHourly], 10);
  EXPECT_GT(sources[Source::kDaily], 3);
}

}  // namespace
}  // namespace energy::query
