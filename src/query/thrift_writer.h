#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Private to the module.

namespace energy::query {

inline void AppendVarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

inline void AppendZigzag(std::string& out, int64_t value) {
  AppendVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

/// Writes what Parquet's metadata needs of Thrift's compact protocol: nested structs and lists of
/// structs, integers and texts. Fields of a struct come in ascending order of their ids. Source:
/// thrift-compact-protocol.md of Apache Thrift.
class ThriftWriter {
 public:
  enum class Type : uint8_t { kTrue = 1, kI32 = 5, kI64 = 6, kBinary = 8, kList = 9, kStruct = 12 };

  explicit ThriftWriter(std::string& out) : out_(out) {}

  void I32(int id, int64_t value) { Integer(id, Type::kI32, value); }
  void I64(int id, int64_t value) { Integer(id, Type::kI64, value); }
  void True(int id) { Field(id, Type::kTrue); }
  void Text(int id, std::string_view text) {
    Field(id, Type::kBinary);
    TextElement(text);
  }
  /// Its fields follow, up to End.
  void Begin(int id) {
    Field(id, Type::kStruct);
    BeginElement();
  }
  void End() {
    out_ += '\0';
    last_.pop_back();
  }
  /// A struct without fields.
  void Empty(int id) {
    Begin(id);
    End();
  }
  /// So many elements follow.
  void List(int id, Type type, size_t size) {
    Field(id, Type::kList);
    const auto bits = static_cast<uint8_t>(type);
    if (size < 15) {
      out_ += static_cast<char>(size << 4 | bits);
      return;
    }
    out_ += static_cast<char>(0xF0 | bits);
    AppendVarint(out_, size);
  }
  void BeginElement() { last_.push_back(0); }
  void TextElement(std::string_view text) {
    AppendVarint(out_, text.size());
    out_ += text;
  }
  void IntegerElement(int64_t value) { AppendZigzag(out_, value); }

 private:
  void Field(int id, Type type) {
    // Ids here are never more than 15 apart.
    out_ += static_cast<char>((id - last_.back()) << 4 | static_cast<int>(type));
    last_.back() = id;
  }
  void Integer(int id, Type type, int64_t value) {
    Field(id, type);
    AppendZigzag(out_, value);
  }

  std::string& out_;
  std::vector<int> last_{0};  // id of the last field, of each open struct
};

}  // namespace energy::query
