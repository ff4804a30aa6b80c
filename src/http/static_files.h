#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "http/message.h"

namespace energy::http {

/// A small tree of files (a built web page) served from memory, with entity tags and compressed
/// once. Only names found when it was loaded are served, so no request reaches the file system.
///
/// Threads: Serve is const and safe anywhere; it neither blocks nor copies a file.
class StaticFiles {
 public:
  /// Limits of a tree, above which Load refuses it.
  static constexpr size_t kMaxFiles = 10'000;
  static constexpr uintmax_t kMaxBytes = 256 << 20;

  /// Reads all regular files below `dir`. Symbolic links and names that begin with a dot are left
  /// out. Errors: kNotFound without a folder there, kTooLarge over a limit, kUnavailable when a
  /// file cannot be read.
  static base::Result<StaticFiles> Load(const std::filesystem::path& dir);

  /// Answers GET and HEAD of a known file, and of "index.html" for a folder and for any path
  /// whose last segment has no dot: there the page itself routes. 304 when If-None-Match names the
  /// file's tag. Otherwise nothing.
  std::optional<Response> Serve(const Request& request) const;

  size_t size() const { return files_.size(); }

 private:
  struct File {
    std::shared_ptr<const std::string> data;
    std::shared_ptr<const std::string> gzip;  // null when not worth it
    std::string content_type;
    std::string tag;  // without quotes
    bool immutable = false;
  };
  const File* Find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;  // by path with '/' and without a leading one
};

/// True when an If-None-Match header names the tag, given without quotes; weakly compared.
bool NamesTag(std::string_view if_none_match, std::string_view tag);

/// Media type by the extension of a file name; "application/octet-stream" when unknown.
std::string_view ContentTypeOf(std::string_view name);

/// True for names a bundler made from their content, such as "assets/index-B3x9_kQa.js": whatever
/// such a name holds never changes.
bool IsHashedAsset(std::string_view path);

}  // namespace energy::http
