#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cache/resp.h"

using namespace energy::cache;  // NOLINT: the only code here is the target

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void Append(const Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.kind)) + ':' + std::to_string(reply.integer) + ':' +
         std::to_string(reply.text.size()) + ':' + reply.text + '(';
  for (const Reply& member : reply.list) Append(member, out);
  out += ')';
}

// All replies at the front of `bytes`, which loses them. False for what is no RESP2.
bool Take(std::string& bytes, std::string& out) {
  for (;;) {
    std::string_view rest = bytes;
    const auto reply = ReadReply(rest);
    if (!reply.ok()) return false;
    Check(rest.size() <= bytes.size());
    if (!*reply) {
      Check(rest.size() == bytes.size());
      return true;
    }
    Check(rest.size() < bytes.size());
    Append(**reply, out);
    bytes.erase(0, bytes.size() - rest.size());
  }
}

}  // namespace

// What a server says must mean the same however it is cut: the first byte says into which pieces.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 8192) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string whole(stream);
  std::string at_once;
  const bool sound = Take(whole, at_once);

  const size_t step = 1 + data[0];
  std::string arrived;
  std::string cut;
  bool sound_cut = true;
  for (size_t at = 0; sound_cut && at < stream.size(); at += step) {
    arrived += stream.substr(at, step);
    sound_cut = Take(arrived, cut);
  }
  Check(sound == sound_cut && at_once == cut);
  if (sound) Check(whole == arrived);
  return 0;
}
