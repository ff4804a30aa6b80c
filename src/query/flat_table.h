#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// Private to the module.

namespace energy::query {

/// Writes the few FlatBuffers that Arrow's metadata needs, front to back: tables first, what they
/// refer to behind them. Source: FlatBuffers internals; Arrow's Message.fbs and Schema.fbs.
class FlatWriter {
 public:
  FlatWriter() : bytes_(4, '\0') {}  // offset of the root

  /// A table with a slot of 1, 2, 4 or 8 bytes for each field, 0 for one that is absent. Returns
  /// the place of the table and of its slots.
  struct Table {
    size_t at;
    std::vector<size_t> slots;
  };
  Table AddTable(std::initializer_list<size_t> sizes) {
    const size_t count = sizes.size();
    std::vector<uint16_t> offsets;
    size_t size = 4;
    for (const size_t width : sizes) {
      if (width == 0) {
        offsets.push_back(0);
        continue;
      }
      size = (size + width - 1) / width * width;
      offsets.push_back(static_cast<uint16_t>(size));
      size += width;
    }
    const size_t vtable_size = 4 + 2 * count;
    Align(8, vtable_size);
    const size_t vtable = bytes_.size();
    Append(static_cast<uint16_t>(vtable_size));
    Append(static_cast<uint16_t>(size));
    for (const uint16_t offset : offsets) Append(offset);
    Table table{.at = bytes_.size(), .slots = {}};
    for (const uint16_t offset : offsets) table.slots.push_back(table.at + offset);
    bytes_.append(size, '\0');
    Put(table.at, static_cast<int32_t>(table.at - vtable));
    return table;
  }

  /// Room for `count` elements of `width` bytes. Returns its place; elements begin 4 bytes later.
  size_t AddVector(size_t count, size_t width) {
    Align(width < 4 ? 4 : width, 4);
    const size_t at = bytes_.size();
    Append(static_cast<uint32_t>(count));
    bytes_.append(count * width, '\0');
    return at;
  }

  size_t AddString(std::string_view text) {
    const size_t at = AddVector(text.size() + 1, 1);
    Put(at, static_cast<uint32_t>(text.size()));
    std::memcpy(&bytes_[at + 4], text.data(), text.size());
    return at;
  }

  template <class T>
  void Put(size_t at, T value) {
    std::memcpy(&bytes_[at], &value, sizeof(value));
  }
  /// Makes the slot refer to what is at `target`, behind it.
  void Refer(size_t slot, size_t target) { Put(slot, static_cast<uint32_t>(target - slot)); }

  /// The buffer, a multiple of 8 long.
  std::string Finish(const Table& root) {
    Refer(0, root.at);
    Align(8, 0);
    return std::move(bytes_);
  }

 private:
  template <class T>
  void Append(T value) {
    bytes_.append(sizeof(value), '\0');
    Put(bytes_.size() - sizeof(value), value);
  }
  // Pads so that what follows `ahead` more bytes is aligned.
  void Align(size_t width, size_t ahead) {
    while ((bytes_.size() + ahead) % width != 0) bytes_ += '\0';
  }

  std::string bytes_;
};

}  // namespace energy::query
