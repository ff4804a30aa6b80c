#include "sqlquery/plan_filter.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/json.h"
#include "base/time_text.h"
#include "sqlquery/statement_text.h"

namespace energy::sqlquery {
namespace {

constexpr int kMaxDepth = 200;

// A piece of an expression as DuckDB writes it: a group in parentheses, a text in quotes, or
// anything else up to a blank.
struct Token {
  enum Kind { kWord, kText, kGroup } kind = kWord;
  std::string text;
  std::vector<Token> group;
};

// Splits an expression. False when quotes or parentheses do not match.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  bool Read(std::vector<Token>& tokens) { return ReadGroup(tokens, 0) && at_ == text_.size(); }

 private:
  bool ReadGroup(std::vector<Token>& tokens, int depth) {
    if (depth > kMaxDepth) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ')') return depth > 0;
      if (c == ' ') {
        ++at_;
      } else if (c == '(') {
        ++at_;
        Token token{Token::kGroup, {}, {}};
        if (!ReadGroup(token.group, depth + 1) || at_ >= text_.size()) return false;
        ++at_;  // the ')' that ended it
        tokens.push_back(std::move(token));
      } else if (c == '\'') {
        Token token{Token::kText, {}, {}};
        if (!ReadText(token.text)) return false;
        tokens.push_back(std::move(token));
      } else {
        const size_t end = std::min(text_.find_first_of(" ()'", at_), text_.size());
        tokens.push_back({Token::kWord, std::string(text_.substr(at_, end - at_)), {}});
        at_ = end;
      }
    }
    return depth == 0;
  }

  bool ReadText(std::string& text) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\'') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '\'') return true;
      }
      text += text_[at_];
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

using Tokens = std::span<const Token>;

bool IsWord(const Token& token, std::string_view text) {
  return token.kind == Token::kWord && token.text == text;
}

ScanFilter Both(const ScanFilter& a, const ScanFilter& b) {
  ScanFilter both{.devices = a.devices ? a.devices : b.devices,
                  .start_us = std::max(a.start_us, b.start_us),
                  .end_us = std::min(a.end_us, b.end_us)};
  if (a.devices && b.devices) {
    both.devices->clear();
    std::set_intersection(a.devices->begin(), a.devices->end(), b.devices->begin(),
                          b.devices->end(), std::back_inserter(*both.devices));
  }
  return both;
}

ScanFilter Either(const ScanFilter& a, const ScanFilter& b) {
  ScanFilter either{.start_us = std::min(a.start_us, b.start_us),
                    .end_us = std::max(a.end_us, b.end_us)};
  if (a.devices && b.devices) {
    either.devices.emplace();
    std::set_union(a.devices->begin(), a.devices->end(), b.devices->begin(), b.devices->end(),
                   std::back_inserter(*either.devices));
  }
  return either;
}

// 'Y-M-D h:m:s+00'::TIMESTAMP WITH TIME ZONE in microseconds. Plans show times in UTC.
std::optional<int64_t> ReadTime(Tokens tokens) {
  if (tokens.size() != 5 || tokens[0].kind != Token::kText || !IsWord(tokens[1], "::TIMESTAMP") ||
      !IsWord(tokens[2], "WITH") || !IsWord(tokens[3], "TIME") || !IsWord(tokens[4], "ZONE")) {
    return std::nullopt;
  }
  const auto time = base::ParseTimestamp(tokens[0].text);
  if (!time.ok()) return std::nullopt;
  return std::chrono::floor<std::chrono::microseconds>(time->time_since_epoch()).count();
}

ScanFilter FromTime(std::string_view op, int64_t time) {
  ScanFilter filter;
  if (op == "=" || op == ">=") filter.start_us = time;
  if (op == ">") filter.start_us = time + 1;
  if (op == "=" || op == "<=") filter.end_us = time + 1;
  if (op == "<") filter.end_us = time;
  return filter;
}

// A comparison of `device_id` or `time` with a constant; nothing when it is something else. The
// type of the constant proves that the name is that of the column: no other column of the table is
// a text or a time.
std::optional<ScanFilter> FromComparison(Tokens tokens) {
  if (tokens.size() == 3 && IsWord(tokens[0], "device_id") && IsWord(tokens[1], "=") &&
      tokens[2].kind == Token::kText) {
    return ScanFilter{.devices = std::vector<std::string>{tokens[2].text}};
  }
  if (tokens.size() == 7 && IsWord(tokens[0], "time") && tokens[1].kind == Token::kWord) {
    if (const auto time = ReadTime(tokens.subspan(2))) return FromTime(tokens[1].text, *time);
  }
  // Also written for a range whose ends are excluded.
  if (tokens.size() == 13 && IsWord(tokens[0], "time") && IsWord(tokens[1], "BETWEEN") &&
      IsWord(tokens[7], "AND")) {
    const auto low = ReadTime(tokens.subspan(2, 5));
    const auto high = ReadTime(tokens.subspan(8, 5));
    if (low && high) return Both(FromTime(">=", *low), FromTime("<=", *high));
  }
  return std::nullopt;
}

ScanFilter FromGroup(Tokens tokens);

// A part of an AND or OR: a group is a condition, a function call may be anything. Nothing when it
// is neither: then the whole is no AND or OR.
std::optional<ScanFilter> FromPart(Tokens tokens) {
  if (tokens.size() == 1 && tokens[0].kind == Token::kGroup) return FromGroup(tokens[0].group);
  if (tokens.size() == 2 && tokens[0].kind == Token::kWord && tokens[1].kind == Token::kGroup) {
    return ScanFilter{};
  }
  return std::nullopt;
}

std::optional<ScanFilter> FromParts(Tokens tokens, std::string_view separator, bool all) {
  std::optional<ScanFilter> filter;
  size_t from = 0;
  for (size_t i = 0; i <= tokens.size(); ++i) {
    if (i < tokens.size() && !IsWord(tokens[i], separator)) continue;
    const auto part = FromPart(tokens.subspan(from, i - from));
    if (!part) return std::nullopt;
    filter = !filter ? *part : all ? Both(*filter, *part) : Either(*filter, *part);
    from = i + 1;
  }
  return filter;
}

ScanFilter FromGroup(Tokens tokens) {
  if (const auto filter = FromComparison(tokens)) return *filter;
  if (const auto filter = FromParts(tokens, "AND", /*all=*/true)) return *filter;
  if (const auto filter = FromParts(tokens, "OR", /*all=*/false)) return *filter;
  return {};
}

ScanFilter FromExpression(const base::Json& info) {
  const auto expression = info.find("Expression");
  if (expression == info.end() || !expression->is_string()) return {};
  std::vector<Token> tokens;
  if (!Tokenizer(expression->get_ref<const std::string&>()).Read(tokens)) return {};
  if (tokens.size() != 1 || tokens[0].kind != Token::kGroup) return {};
  return FromGroup(tokens[0].group);
}

struct Found {
  size_t scans = 0;
  std::optional<ScanFilter> hull;
};

void Walk(const base::Json& node, const base::Json* parent, std::string_view function, int depth,
          Found& found) {
  if (depth > kMaxDepth || !node.is_object()) return;
  const base::Json info = node.value("extra_info", base::Json::object());
  if (info.value("Function", base::Json()) == function) {
    ++found.scans;
    ScanFilter filter;
    if (parent != nullptr && parent->value("name", "") == "FILTER") {
      filter = FromExpression(parent->value("extra_info", base::Json::object()));
    }
    found.hull = found.hull ? Either(*found.hull, filter) : filter;
  }
  for (const base::Json& child : node.value("children", base::Json::array())) {
    Walk(child, &node, function, depth + 1, found);
  }
}

}  // namespace

ScanFilter FilterFromPlan(std::string_view plan, std::string_view function, size_t scans) {
  const base::Json json = base::Json::parse(plan, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) return {};
  Found found;
  for (const base::Json& root : json) Walk(root, nullptr, function, 0, found);
  return found.hull && found.scans >= scans ? *found.hull : ScanFilter{};
}

bool PlanIsReadable(std::string_view sql) {
  if (sql.find_first_of("\\$") != std::string_view::npos) return false;
  char quote = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote == 0) {
      // A quote in a comment begins no text.
      if (const size_t end = SkipComment(sql, i); end != i) i = end - 1;
      if (c == '\'' || c == '"') quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '(' || c == ')' || c == '\'' || c == '"') {
      return false;
    }
  }
  return true;
}

}  // namespace energy::sqlquery
