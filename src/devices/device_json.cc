#include "devices/device_json.h"

#include "base/json_values.h"
#include "devices/profile_json.h"

namespace energy::devices {

base::Json ToJson(const Device& device) {
  return {{"id", device.id},
          {"name", device.name},
          {"type", device.type},
          {"location", base::OrNull(device.location)},
          {"status", StatusName(device.status)},
          {"metadata", device.metadata},
          {"health_score", base::OrNull(device.health_score)},
          {"last_seen", base::TimeOrNull(device.last_seen)},
          {"version", device.version},
          {"created_at", base::TimeToJson(device.created_at)},
          {"updated_at", base::TimeToJson(device.updated_at)}};
}

base::Json ToJson(const Profile& profile) {
  return {{"type", profile.type},
          {"fields", FieldsToJson(profile.fields)},
          {"version", profile.version},
          {"updated_at", base::TimeToJson(profile.updated_at)}};
}

}  // namespace energy::devices
