#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/status.h"

// Private to the module.

namespace energy::sqlquery {

/// Numbers in the bytes of this machine, texts and lists with their length before them.
class MessageWriter {
 public:
  template <class T>
  void Number(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void Text(std::string_view text) {
    Number(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class T>
  void Numbers(const std::vector<T>& values) {
    Number(static_cast<uint32_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void Reserve(size_t bytes) { bytes_.reserve(bytes); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what MessageWriter wrote. After a read past the end everything is empty and ok() is false.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T Number() {
    T value{};
    const std::string_view bytes = Take(sizeof(T));
    if (ok_) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string Text() { return std::string(Take(Number<uint32_t>())); }
  std::string_view Take(size_t size) {
    ok_ = ok_ && size <= bytes_.size();
    if (!ok_) return {};
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  template <class T>
  std::vector<T> Numbers() {
    const size_t count = Number<uint32_t>();
    const std::string_view bytes = Take(count * sizeof(T));
    std::vector<T> values(ok_ ? count : 0);
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  /// How many elements follow; each takes a byte at least.
  size_t Count() {
    const size_t count = Number<uint32_t>();
    ok_ = ok_ && count <= bytes_.size();
    return ok_ ? count : 0;
  }
  void Fail() { ok_ = false; }
  bool ok() const { return ok_; }
  template <class T>
  base::Result<T> Finish(T value) const {
    if (!ok_ || !bytes_.empty()) return base::Internal("a damaged message of the SQL helper");
    return value;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace energy::sqlquery
