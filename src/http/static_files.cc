#include "http/static_files.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "http/gzip.h"

namespace energy::http {
namespace fs = std::filesystem;
namespace {

constexpr size_t kHashLength = 8;  // of Vite and Rollup; others use more

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kContentTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".yaml", "application/yaml"},
    {".txt", "text/plain; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".xml", "application/xml"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".webmanifest", "application/manifest+json"},
    {".wasm", "application/wasm"},
}};

// FNV-1a: tells versions of a file apart; nobody gains from a forged collision in their own page.
std::string TagOf(std::string_view data) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : data) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  char text[48];
  const int length = std::snprintf(text, sizeof(text), "%zx-%016llx", data.size(),
                                   static_cast<unsigned long long>(hash));
  return std::string(text, static_cast<size_t>(length));
}

// Names that mean something to a file system; no loaded file has one.
bool IsSuspicious(std::string_view path) {
  if (path.find('\\') != std::string_view::npos) return true;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

base::Result<std::string> ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string data((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return base::Unavailable("cannot read " + path.string() + ": check its permissions");
  return data;
}

}  // namespace

bool NamesTag(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    const size_t end = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view item = if_none_match.substr(0, end);
    if_none_match.remove_prefix(std::min(end + 1, if_none_match.size()));
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item.size() >= 2 && item.substr(1, item.size() - 2) == tag) return true;
  }
  return false;
}

std::string_view ContentTypeOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  const std::string_view extension = dot == std::string_view::npos ? "" : name.substr(dot);
  for (const auto& [known, type] : kContentTypes) {
    if (EqualsIgnoreCase(known, extension)) return type;
  }
  return "application/octet-stream";
}

bool IsHashedAsset(std::string_view path) {
  if (!path.starts_with("assets/") && path.find("/assets/") == std::string_view::npos) return false;
  std::string_view name = path.substr(path.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  name = name.substr(0, dot);
  if (name.size() <= kHashLength) return false;
  const char separator = name[name.size() - kHashLength - 1];
  const std::string_view hash = name.substr(name.size() - kHashLength);
  // A word of eight letters is no hash; one in a thousand hashes looks like a word, and is then
  // merely asked for again.
  const bool mixed = std::any_of(hash.begin(), hash.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
  });
  return (separator == '-' || separator == '.') && mixed;
}

base::Result<StaticFiles> StaticFiles::Load(const fs::path& dir) {
  std::error_code error;
  if (!fs::is_directory(dir, error)) {
    return base::NotFound("no folder " + dir.string() + " to serve the web page from");
  }
  StaticFiles loaded;
  uintmax_t bytes = 0;
  fs::recursive_directory_iterator it(dir, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const bool hidden = it->path().filename().string().starts_with('.');
    if (hidden && it->is_directory(error)) it.disable_recursion_pending();
    if (hidden || it->is_symlink(error) || !it->is_regular_file(error)) continue;
    bytes += it->file_size(error);
    if (loaded.files_.size() >= kMaxFiles || bytes > kMaxBytes) {
      return base::TooLarge("the folder " + dir.string() +
                            " is too large to serve from memory: is it the built web page?");
    }
    ENERGY_ASSIGN_OR_RETURN(std::string data, ReadFile(it->path()));
    const std::string name = it->path().lexically_relative(dir).generic_string();
    File file;
    file.content_type = ContentTypeOf(name);
    file.tag = TagOf(data);
    file.immutable = IsHashedAsset(name);
    if (IsCompressible(file.content_type) && data.size() > 1024) {
      auto gzip = Gzip(data, 9);
      if (gzip && gzip->size() < data.size()) {
        file.gzip = std::make_shared<const std::string>(std::move(*gzip));
      }
    }
    file.data = std::make_shared<const std::string>(std::move(data));
    loaded.files_.emplace(name, std::move(file));
  }
  if (error) return base::Unavailable("cannot list " + dir.string() + ": " + error.message());
  return loaded;
}

const StaticFiles::File* StaticFiles::Find(std::string_view path) const {
  if (path.empty() || path.front() != '/' || IsSuspicious(path)) return nullptr;
  path.remove_prefix(1);
  if (const auto it = files_.find(path); it != files_.end()) return &it->second;
  if (path.empty() || path.back() == '/') {
    const auto index = files_.find(std::string(path) + "index.html");
    if (index != files_.end()) return &index->second;
  }
  if (path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos) return nullptr;
  const auto index = files_.find("index.html");
  return index == files_.end() ? nullptr : &index->second;
}

std::optional<Response> StaticFiles::Serve(const Request& request) const {
  if (request.method != Method::kGet && request.method != Method::kHead) return std::nullopt;
  const File* file = Find(request.path);
  if (file == nullptr) return std::nullopt;
  const bool gzip = file->gzip && AcceptsGzip(request.Header("Accept-Encoding"));
  // The two forms are different bytes, so they have different strong tags.
  const std::string tag = file->tag + (gzip ? "-gz" : "");
  Response response;
  response.SetHeader("ETag", "\"" + tag + "\"");
  response.SetHeader("Cache-Control",
                     file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->gzip) response.SetHeader("Vary", "Accept-Encoding");
  if (NamesTag(request.Header("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  response.SetHeader("Content-Type", file->content_type);
  if (gzip) response.SetHeader("Content-Encoding", "gzip");
  response.shared_body = gzip ? file->gzip : file->data;
  return response;
}

}  // namespace energy::http
