#include "notifications/template_text.h"

#include <algorithm>

namespace energy::notifications {
namespace {

enum class Mark { kText, kValue, kBegin, kEnd };

struct Piece {
  Mark mark = Mark::kText;
  std::string_view text;  // of a mark: its name
};

bool OnlySectionMarks(std::string_view line) {
  if (line.empty()) return false;
  while (line.starts_with("{{#") || line.starts_with("{{/")) {
    const size_t end = line.find("}}");
    if (end == std::string_view::npos) return false;
    line.remove_prefix(end + 2);
  }
  return line.empty();
}

// Without the ends of lines that hold nothing but marks of sections.
std::string Joined(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t size = std::min(text.find('\n'), text.size());
    out += text.substr(0, size);
    if (size < text.size() && !OnlySectionMarks(text.substr(0, size))) out += '\n';
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return out;
}

base::Result<std::vector<Piece>> Cut(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const size_t open = std::min(text.find("{{"), text.size());
    if (open > 0) pieces.push_back({Mark::kText, text.substr(0, open)});
    text.remove_prefix(open);
    if (text.empty()) break;
    const size_t close = text.find("}}");
    if (close == std::string_view::npos) return base::InvalidArgument("has {{ without }}");
    std::string_view name = text.substr(2, close - 2);
    Mark mark = Mark::kValue;
    if (name.starts_with('#')) mark = Mark::kBegin;
    if (name.starts_with('/')) mark = Mark::kEnd;
    if (mark != Mark::kValue) name.remove_prefix(1);
    pieces.push_back({mark, name});
    text.remove_prefix(close + 2);
  }
  return pieces;
}

const std::string* FindText(const std::vector<const TemplateValues*>& scopes,
                            std::string_view name) {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
    const auto found = (*scope)->texts.find(name);
    if (found != (*scope)->texts.end()) return &found->second;
  }
  return nullptr;
}

class Filling {
 public:
  Filling(const std::vector<Piece>& pieces, const Escape& escape)
      : pieces_(pieces), escape_(escape) {}

  std::string Run(const TemplateValues& values) {
    std::vector<const TemplateValues*> scopes{&values};
    Fill(0, pieces_.size(), scopes);
    return std::move(out_);
  }

 private:
  // Where the section that begins at `begin` ends.
  size_t EndOf(size_t begin) const {
    int depth = 0;
    for (size_t i = begin; i < pieces_.size(); ++i) {
      if (pieces_[i].mark == Mark::kBegin) ++depth;
      if (pieces_[i].mark == Mark::kEnd && --depth == 0) return i;
    }
    return pieces_.size();
  }

  void Fill(size_t from, size_t to, std::vector<const TemplateValues*>& scopes) {
    for (size_t i = from; i < to; ++i) {
      const Piece& piece = pieces_[i];
      if (piece.mark == Mark::kText) out_ += piece.text;
      if (piece.mark == Mark::kValue) {
        if (const std::string* const text = FindText(scopes, piece.text)) out_ += escape_(*text);
      }
      if (piece.mark != Mark::kBegin) continue;
      const size_t end = EndOf(i);
      Section(piece.text, i + 1, end, scopes);
      i = end;
    }
  }

  void Section(std::string_view name, size_t from, size_t to,
               std::vector<const TemplateValues*>& scopes) {
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
      const auto list = (*scope)->lists.find(name);
      if (list == (*scope)->lists.end()) continue;
      for (const TemplateValues& item : list->second) {
        scopes.push_back(&item);
        Fill(from, to, scopes);
        scopes.pop_back();
      }
      return;
    }
    const std::string* const text = FindText(scopes, name);
    if (text != nullptr && !text->empty()) Fill(from, to, scopes);
  }

  const std::vector<Piece>& pieces_;
  const Escape& escape_;
  std::string out_;
};

std::string Replaced(std::string_view text, const std::function<void(std::string&, char)>& add) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) add(out, c);
  return out;
}

bool IsControl(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 || code == 0x7f;
}

}  // namespace

base::Status CheckTemplate(std::string_view text, const std::set<std::string, std::less<>>& names) {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<Piece> pieces, Cut(text));
  std::vector<std::string_view> open;
  for (const Piece& piece : pieces) {
    if (piece.mark == Mark::kText) continue;
    if (!names.contains(piece.text)) {
      return base::InvalidArgument("has {{" + std::string(piece.text) + "}}, which there is not");
    }
    if (piece.mark == Mark::kBegin) open.push_back(piece.text);
    if (piece.mark != Mark::kEnd) continue;
    if (open.empty() || open.back() != piece.text) {
      return base::InvalidArgument("has {{/" + std::string(piece.text) +
                                   "}} without its beginning");
    }
    open.pop_back();
  }
  if (open.empty()) return {};
  return base::InvalidArgument("has {{#" + std::string(open.back()) + "}} without its end");
}

std::string FillTemplate(std::string_view text, const TemplateValues& values,
                         const Escape& escape) {
  const std::string joined = Joined(text);
  const auto pieces = Cut(joined);
  if (!pieces.ok()) return {};
  return Filling(*pieces, escape).Run(values);
}

std::string EscapeHtml(std::string_view text) {
  return Replaced(EscapePlain(text), [](std::string& out, char c) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  });
}

// https://core.telegram.org/bots/api#markdownv2-style
std::string EscapeMarkdownV2(std::string_view text) {
  return Replaced(EscapePlain(text), [](std::string& out, char c) {
    if (std::string_view("\\_*[]()~`>#+-=|{}.!").find(c) != std::string_view::npos) out += '\\';
    out += c;
  });
}

std::string EscapePlain(std::string_view text) {
  return Replaced(text, [](std::string& out, char c) {
    if (!IsControl(c) || c == '\n' || c == '\t') out += c;
  });
}

std::string EscapeLine(std::string_view text) {
  return Replaced(text, [](std::string& out, char c) { out += IsControl(c) ? ' ' : c; });
}

}  // namespace energy::notifications
