#include "devices/validation.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "sql/value.h"

namespace energy::devices {
namespace {

using Errors = std::vector<base::FieldError>;

constexpr size_t kMaxMetadataBytes = 16 * 1024;
constexpr int kMaxMetadataDepth = 16;
constexpr size_t kMaxFields = 64;

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void CheckText(const std::string& field, std::string_view text, size_t min, size_t max,
               Errors& errors) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control || !sql::IsStorableText(text)) {
    errors.push_back({field, "must be text without control characters"});
    return;
  }
  const size_t length = base::CharacterCount(text);
  const bool blank = min > 0 && text.find_first_not_of(' ') == std::string_view::npos;
  if (length < min || length > max || blank) {
    errors.push_back(
        {field, "must have " + std::to_string(min) + " to " + std::to_string(max) + " characters"});
  }
}

/// True when `json` is shallow enough to be written out and free of NUL, which PostgreSQL's JSONB
/// refuses.
bool IsStorable(const base::Json& json, int depth) {
  if (json.is_string()) return sql::IsStorableText(json.get_ref<const std::string&>());
  if (!json.is_structured()) return true;
  if (depth == 0) return false;
  if (json.is_array()) {
    return std::all_of(json.begin(), json.end(),
                       [&](const base::Json& item) { return IsStorable(item, depth - 1); });
  }
  for (const auto& [key, value] : json.items()) {
    if (!sql::IsStorableText(key) || !IsStorable(value, depth - 1)) return false;
  }
  return true;
}

void CheckMetadata(const base::Json& metadata, Errors& errors) {
  if (!metadata.is_object()) {
    errors.push_back({"metadata", "must be an object"});
    return;
  }
  if (!IsStorable(metadata, kMaxMetadataDepth)) {
    errors.push_back({"metadata", "must have at most 16 levels and no NUL characters"});
    return;
  }
  if (metadata.dump().size() > kMaxMetadataBytes) {
    errors.push_back({"metadata", "must have at most 16 KiB as JSON text"});
  }
  const auto interval = metadata.find(std::string(kIntervalKey));
  if (interval == metadata.end()) return;
  const double seconds = interval->is_number() ? interval->get<double>() : 0;
  if (!(seconds >= 0.1 && seconds <= 86400)) {
    errors.push_back(
        {"metadata." + std::string(kIntervalKey), "must be a number of seconds, 0.1 to 86400"});
  }
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && IsLetter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }) &&
         name != "device_id" && name != "timestamp";
}

void CheckField(const std::string& path, const ProfileField& field, Errors& errors) {
  if (!IsFieldName(field.name)) {
    errors.push_back({path + ".name",
                      "must be 1 to 64 of a-z A-Z 0-9 _, begin with a letter, and not be device_id "
                      "or timestamp"});
  }
  CheckText(path + ".unit", field.unit, 0, 20, errors);
  if (!std::isfinite(field.min) || !std::isfinite(field.max) || field.min >= field.max) {
    errors.push_back({path + ".min", "must be less than max, both finite"});
    return;
  }
  const double low = field.nominal_min.value_or(field.min);
  const double high = field.nominal_max.value_or(field.max);
  if (!(field.min <= low && low <= high && high <= field.max)) {
    errors.push_back({path + ".nominal_min", "the nominal range must lie within min and max"});
  }
}

base::Status Summary(const char* message, Errors errors) {
  if (errors.empty()) return {};
  return base::InvalidArgument(message, std::move(errors));
}

}  // namespace

bool IsDeviceId(std::string_view id) {
  return !id.empty() && id.size() <= 50 && id != "." && id != ".." &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return IsLetter(c) || IsDigit(c) || c == '_' || c == '-' || c == '.';
         });
}

base::Status Validate(const NewDevice& device) {
  Errors errors;
  if (!IsDeviceId(device.id)) {
    errors.push_back({"id", "must be 1 to 50 of A-Z a-z 0-9 _ - ."});
  }
  CheckText("name", device.name, 1, 255, errors);
  CheckText("type", device.type, 1, 100, errors);
  if (device.location) CheckText("location", *device.location, 0, 255, errors);
  CheckMetadata(device.metadata, errors);
  return Summary("the device is not valid", std::move(errors));
}

base::Status Validate(const DevicePatch& patch) {
  Errors errors;
  if (patch.name) CheckText("name", *patch.name, 1, 255, errors);
  if (patch.type) CheckText("type", *patch.type, 1, 100, errors);
  if (patch.location && *patch.location) CheckText("location", **patch.location, 0, 255, errors);
  if (patch.metadata) CheckMetadata(*patch.metadata, errors);
  return Summary("the change is not valid", std::move(errors));
}

base::Status Validate(const Profile& profile) {
  Errors errors;
  CheckText("type", profile.type, 1, 100, errors);
  if (profile.fields.empty() || profile.fields.size() > kMaxFields) {
    errors.push_back({"fields", "must have 1 to " + std::to_string(kMaxFields) + " entries"});
  } else {
    std::set<std::string_view> names;
    for (size_t i = 0; i < profile.fields.size(); ++i) {
      const std::string path = "fields[" + std::to_string(i) + "]";
      CheckField(path, profile.fields[i], errors);
      if (!names.insert(profile.fields[i].name).second) {
        errors.push_back({path + ".name", "must be different from the other fields"});
      }
    }
  }
  return Summary("the profile is not valid", std::move(errors));
}

}  // namespace energy::devices
