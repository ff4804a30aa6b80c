#include "cache/resp.h"

#include <charconv>

namespace energy::cache {
namespace {

constexpr int64_t kMaxBytes = 1 << 20;
// A whole reply: its text, and the lines around it.
constexpr size_t kMaxReplyBytes = kMaxBytes + 64;
constexpr int kMaxDepth = 8;

base::Status Malformed() { return base::Internal("the server does not speak RESP2"); }

// Takes a line without its CR LF; nothing when it is not whole yet.
base::Result<std::optional<std::string_view>> TakeLine(std::string_view& bytes) {
  const size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > static_cast<size_t>(kMaxBytes)) return Malformed();
    return std::optional<std::string_view>();
  }
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  return std::optional<std::string_view>(line);
}

base::Result<int64_t> ToInteger(std::string_view text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return Malformed();
  return value;
}

base::Result<std::optional<Reply>> Read(std::string_view& bytes, int depth);

base::Result<std::optional<Reply>> ReadText(std::string_view& bytes, int64_t length) {
  const auto size = static_cast<size_t>(length);
  if (bytes.size() < size + 2) return std::optional<Reply>();
  if (bytes.substr(size, 2) != "\r\n") return Malformed();
  Reply reply;
  reply.kind = Reply::Kind::kText;
  reply.text = bytes.substr(0, size);
  bytes.remove_prefix(size + 2);
  return std::optional<Reply>(std::move(reply));
}

base::Result<std::optional<Reply>> ReadList(std::string_view& bytes, int64_t length, int depth) {
  Reply reply;
  reply.kind = Reply::Kind::kList;
  for (int64_t i = 0; i < length; ++i) {
    ENERGY_ASSIGN_OR_RETURN(std::optional<Reply> member, Read(bytes, depth + 1));
    if (!member) return std::optional<Reply>();
    reply.list.push_back(std::move(*member));
  }
  return std::optional<Reply>(std::move(reply));
}

base::Result<std::optional<Reply>> Read(std::string_view& bytes, int depth) {
  if (depth > kMaxDepth) return Malformed();
  ENERGY_ASSIGN_OR_RETURN(const auto line, TakeLine(bytes));
  if (!line) return std::optional<Reply>();
  if (line->empty()) return Malformed();
  Reply reply;
  const std::string_view rest = line->substr(1);
  switch (line->front()) {
    case '+':
    case '-':
      reply.kind = line->front() == '+' ? Reply::Kind::kText : Reply::Kind::kError;
      reply.text = rest;
      return std::optional<Reply>(std::move(reply));
    case ':': {
      ENERGY_ASSIGN_OR_RETURN(reply.integer, ToInteger(rest));
      reply.kind = Reply::Kind::kInteger;
      return std::optional<Reply>(std::move(reply));
    }
    case '$':
    case '*': {
      ENERGY_ASSIGN_OR_RETURN(const int64_t length, ToInteger(rest));
      if (length == -1) return std::optional<Reply>(std::move(reply));
      if (length < 0 || length > kMaxBytes) return Malformed();
      return line->front() == '$' ? ReadText(bytes, length) : ReadList(bytes, length, depth);
    }
    default:
      return Malformed();
  }
}

}  // namespace

void AppendCommand(std::string& out, const std::vector<std::string_view>& arguments) {
  out.append("*").append(std::to_string(arguments.size())).append("\r\n");
  for (const std::string_view argument : arguments) {
    out.append("$").append(std::to_string(argument.size())).append("\r\n");
    out.append(argument).append("\r\n");
  }
}

base::Result<std::optional<Reply>> ReadReply(std::string_view& bytes) {
  std::string_view rest = bytes;
  ENERGY_ASSIGN_OR_RETURN(std::optional<Reply> reply, Read(rest, 0));
  // Lists of many small members would grow without bound while they are not whole.
  if ((reply ? bytes.size() - rest.size() : bytes.size()) > kMaxReplyBytes) return Malformed();
  if (reply) bytes = rest;
  return reply;
}

}  // namespace energy::cache
