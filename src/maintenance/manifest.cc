#include "maintenance/manifest.h"

#include "auth/hash.h"
#include "maintenance/files.h"

namespace energy::maintenance {
namespace {

constexpr int kFormat = 1;

base::Status Damaged(const std::filesystem::path& folder, const std::string& what) {
  return base::Internal((folder / kManifestName).string() + " is damaged (" + what +
                        "): use another backup");
}

bool StaysBelow(const std::filesystem::path& path) {
  if (path.empty() || path.is_absolute()) return false;
  for (const auto& part : path) {
    if (part == ".." || part == ".") return false;
  }
  return true;
}

base::Json WithoutChecksum(const Manifest& manifest) {
  base::Json files = base::Json::array();
  for (const ManifestFile& file : manifest.files) {
    files.push_back({{"path", file.path},
                     {"bytes", file.bytes},
                     {"sha256", file.sha256},
                     {"secret", file.is_secret}});
  }
  return {{"format", kFormat},           {"program_version", manifest.program_version},
          {"created", manifest.created}, {"has_metadata", manifest.has_metadata},
          {"counts", manifest.counts},   {"files", std::move(files)}};
}

}  // namespace

uint64_t Manifest::total_bytes() const {
  uint64_t bytes = 0;
  for (const ManifestFile& file : files) bytes += file.bytes;
  return bytes;
}

base::Status Manifest::Write(const std::filesystem::path& folder) const {
  base::Json json = WithoutChecksum(*this);
  json["sha256"] = auth::Sha256Hex(json.dump());
  const std::filesystem::path target = folder / kManifestName;
  const std::filesystem::path aside = target.string() + ".new";
  ENERGY_RETURN_IF_ERROR(WriteFile(aside, json.dump(2) + "\n", 0600));
  std::error_code error;
  std::filesystem::rename(aside, target, error);
  if (error) return base::Unavailable("cannot write " + target.string() + ": " + error.message());
  return SyncFolder(folder);
}

base::Result<Manifest> Manifest::Read(const std::filesystem::path& folder) {
  auto text = ReadFile(folder / kManifestName);
  if (text.status().code() == base::Code::kNotFound) {
    return base::NotFound(folder.string() + " is no complete backup: it has no " + kManifestName +
                          ", which a backup writes last; use another one");
  }
  if (!text.ok()) return text.status();
  try {
    base::Json json = base::Json::parse(*text);
    if (json.at("format").get<int>() > kFormat) {
      return base::InvalidArgument("the backup in " + folder.string() +
                                   " was made by a newer version: use that one");
    }
    const auto checksum = json.at("sha256").get<std::string>();
    json.erase("sha256");
    if (auth::Sha256Hex(json.dump()) != checksum) return Damaged(folder, "checksum");
    Manifest manifest;
    manifest.program_version = json.at("program_version").get<std::string>();
    manifest.created = json.at("created").get<std::string>();
    manifest.has_metadata = json.at("has_metadata").get<bool>();
    manifest.counts = json.at("counts");
    for (const base::Json& file : json.at("files")) {
      manifest.files.push_back({.path = file.at("path").get<std::string>(),
                                .bytes = file.at("bytes").get<uint64_t>(),
                                .sha256 = file.at("sha256").get<std::string>(),
                                .is_secret = file.at("secret").get<bool>()});
      if (!StaysBelow(manifest.files.back().path)) {
        return Damaged(folder, "the path " + manifest.files.back().path);
      }
    }
    return manifest;
  } catch (const base::Json::exception& error) {
    return Damaged(folder, error.what());
  }
}

}  // namespace energy::maintenance
