#include "query/parquet_pages.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include "query/thrift_writer.h"

namespace energy::query {
namespace {

static_assert(std::endian::native == std::endian::little);

// Of parquet.thrift.
constexpr int kDataPage = 0;
constexpr int kDictionaryPage = 2;

// A dictionary of more values than this saves little.
constexpr size_t kMostDistinct = 16'384;
// Of DELTA_BINARY_PACKED.
constexpr size_t kDeltaBlock = 128;
constexpr size_t kMiniBlock = 32;

unsigned BitsFor(uint64_t greatest) { return static_cast<unsigned>(std::bit_width(greatest)); }

// Appends values of `width` bits each, the lowest bit first.
class BitPacker {
 public:
  BitPacker(std::string& out, unsigned width) : out_(out), width_(width) {}

  void Add(uint64_t value) {
    for (unsigned left = width_; left > 0;) {
      const unsigned taken = std::min(left, 8 - filled_);
      byte_ |= (value & ((uint64_t{1} << taken) - 1)) << filled_;
      value >>= taken;
      filled_ += taken;
      left -= taken;
      if (filled_ == 8) Flush();
    }
  }
  void Finish() {
    if (filled_ > 0) Flush();
  }

 private:
  void Flush() {
    out_ += static_cast<char>(byte_);
    byte_ = 0;
    filled_ = 0;
  }

  std::string& out_;
  const unsigned width_;
  uint64_t byte_ = 0;
  unsigned filled_ = 0;
};

void AppendLe32(std::string& out, size_t value) {
  const auto little = static_cast<uint32_t>(value);
  out.append(reinterpret_cast<const char*>(&little), sizeof(little));
}

// One run of the RLE / bit-packing hybrid: the same value so many times.
void AppendRepeated(std::string& out, size_t count, uint64_t value, unsigned width) {
  AppendVarint(out, count << 1);
  out.append(reinterpret_cast<const char*>(&value), (width + 7) / 8);
}

// One run of the hybrid: values packed in groups of eight.
template <class Values>
void AppendPacked(std::string& out, const Values& values, unsigned width) {
  const size_t groups = (values.size() + 7) / 8;
  AppendVarint(out, groups << 1 | 1);
  BitPacker packer(out, width);
  for (const auto value : values) packer.Add(value);
  for (size_t i = values.size(); i < groups * 8; ++i) packer.Add(0);
  packer.Finish();
}

void AppendPage(std::string& out, int type, ParquetEncoding encoding, size_t values,
                const std::string& body) {
  ThriftWriter header(out);
  header.I32(1, type);
  header.I32(2, static_cast<int64_t>(body.size()));
  header.I32(3, static_cast<int64_t>(body.size()));
  header.Begin(type == kDataPage ? 5 : 7);
  header.I32(1, static_cast<int64_t>(values));
  header.I32(2, static_cast<int>(encoding));
  if (type == kDataPage) {
    header.I32(3, static_cast<int>(ParquetEncoding::kRle));  // of definition levels
    header.I32(4, static_cast<int>(ParquetEncoding::kRle));  // of repetition levels
  }
  header.End();
  header.End();
  out += body;
}

void AppendDictionary(ParquetColumn& column, size_t values, const std::string& body) {
  AppendPage(column.bytes, kDictionaryPage, ParquetEncoding::kPlain, values, body);
  column.dictionary_bytes = column.bytes.size();
  column.encoding = ParquetEncoding::kRleDictionary;
}

// Which rows have a value: 1 for those that do.
void AppendLevels(std::string& out, std::span<const double> values, size_t nulls) {
  std::string levels;
  if (nulls == 0) {
    AppendRepeated(levels, values.size(), 1, 1);
  } else {
    std::vector<uint8_t> there(values.size());
    for (size_t i = 0; i < values.size(); ++i) there[i] = std::isnan(values[i]) ? 0 : 1;
    AppendPacked(levels, there, 1);
  }
  AppendLe32(out, levels.size());
  out += levels;
}

// Numbers the different values in the order in which they come.
class Numbering {
 public:
  // False, and the numbering is of no use any more, when there are too many different ones.
  bool Add(double value) {
    const auto bits = std::bit_cast<uint64_t>(value);
    size_t at = (bits * 0x9E3779B97F4A7C15U) >> (64 - kSlotBits);
    while (slots_[at] != 0 && std::bit_cast<uint64_t>(distinct_[slots_[at] - 1]) != bits) {
      at = (at + 1) % slots_.size();
    }
    if (slots_[at] == 0) {
      if (distinct_.size() == kMostDistinct) return false;
      distinct_.push_back(value);
      slots_[at] = static_cast<uint16_t>(distinct_.size());
    }
    numbers_.push_back(static_cast<uint16_t>(slots_[at] - 1));
    return true;
  }
  const std::vector<double>& distinct() const { return distinct_; }
  const std::vector<uint16_t>& numbers() const { return numbers_; }

 private:
  static constexpr unsigned kSlotBits = 15;  // twice kMostDistinct
  std::vector<uint16_t> slots_ = std::vector<uint16_t>(size_t{1} << kSlotBits);
  std::vector<double> distinct_;
  std::vector<uint16_t> numbers_;  // of the values, in order
};

std::string PlainBytes(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

// One block of DELTA_BINARY_PACKED: up to kDeltaBlock differences.
void AppendDeltas(std::string& out, std::span<const int64_t> deltas) {
  const int64_t least = *std::min_element(deltas.begin(), deltas.end());
  AppendZigzag(out, least);
  std::array<uint64_t, kDeltaBlock> above{};  // differences can be as far apart as 64 bits
  for (size_t i = 0; i < deltas.size(); ++i) {
    above[i] = static_cast<uint64_t>(deltas[i]) - static_cast<uint64_t>(least);
  }
  const auto mini = [&](size_t m) { return std::span(above).subspan(m * kMiniBlock, kMiniBlock); };
  std::array<unsigned, kDeltaBlock / kMiniBlock> widths{};
  for (size_t m = 0; m < widths.size(); ++m) {
    widths[m] = BitsFor(*std::max_element(mini(m).begin(), mini(m).end()));
    out += static_cast<char>(widths[m]);
  }
  for (size_t m = 0; m < widths.size() && m * kMiniBlock < deltas.size(); ++m) {
    BitPacker packer(out, widths[m]);
    for (const uint64_t value : mini(m)) packer.Add(value);
    packer.Finish();
  }
}

}  // namespace

ParquetColumn EncodeTimes(std::span<const int64_t> times) {
  std::string body;
  AppendVarint(body, kDeltaBlock);
  AppendVarint(body, kDeltaBlock / kMiniBlock);
  AppendVarint(body, times.size());
  AppendZigzag(body, times.front());
  std::vector<int64_t> deltas;
  for (size_t i = 1; i < times.size(); ++i) {
    deltas.push_back(static_cast<int64_t>(static_cast<uint64_t>(times[i]) -
                                          static_cast<uint64_t>(times[i - 1])));
    if (deltas.size() < kDeltaBlock && i + 1 < times.size()) continue;
    AppendDeltas(body, deltas);
    deltas.clear();
  }
  ParquetColumn column{
      .bytes = {}, .encoding = ParquetEncoding::kDeltaBinaryPacked, .rows = times.size()};
  AppendPage(column.bytes, kDataPage, column.encoding, times.size(), body);
  return column;
}

ParquetColumn EncodeValues(std::span<const double> values) {
  std::vector<double> present;
  present.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(present),
               [](double value) { return !std::isnan(value); });
  ParquetColumn column{.bytes = {}, .rows = values.size(), .nulls = values.size() - present.size()};
  std::string body;
  AppendLevels(body, values, column.nulls);

  Numbering numbering;
  const bool numbered = std::all_of(present.begin(), present.end(),
                                    [&](double value) { return numbering.Add(value); });
  const size_t distinct = numbering.distinct().size();
  const unsigned width = std::max(BitsFor(distinct == 0 ? 0 : distinct - 1), 1U);
  if (numbered &&
      distinct * sizeof(double) + present.size() * width / 8 < present.size() * sizeof(double)) {
    AppendDictionary(column, distinct, PlainBytes(numbering.distinct()));
    body += static_cast<char>(width);
    AppendPacked(body, numbering.numbers(), width);
  } else {
    body += PlainBytes(present);
  }
  AppendPage(column.bytes, kDataPage, column.encoding, values.size(), body);
  return column;
}

ParquetColumn EncodeTexts(std::span<const TextRun> runs) {
  ParquetColumn column;
  std::map<std::string_view, size_t> numbers;
  std::string dictionary;
  std::vector<size_t> number_of;
  for (const TextRun& run : runs) {
    const auto [entry, is_new] = numbers.emplace(run.text, numbers.size());
    number_of.push_back(entry->second);
    column.rows += run.rows;
    if (!is_new) continue;
    AppendLe32(dictionary, run.text.size());
    dictionary += run.text;
  }
  AppendDictionary(column, numbers.size(), dictionary);
  const unsigned width = std::max(BitsFor(numbers.size() - 1), 1U);
  std::string body(1, static_cast<char>(width));
  for (size_t i = 0; i < runs.size(); ++i) {
    AppendRepeated(body, runs[i].rows, number_of[i], width);
  }
  AppendPage(column.bytes, kDataPage, column.encoding, column.rows, body);
  return column;
}

}  // namespace energy::query
