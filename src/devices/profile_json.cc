#include "devices/profile_json.h"

#include <string>

namespace energy::devices {
namespace {

base::Json OptionalNumber(const std::optional<double>& value) {
  return value ? base::Json(*value) : base::Json(nullptr);
}

/// Reads one field's members and notes what is wrong with them.
class Reader {
 public:
  Reader(std::string path, std::vector<base::FieldError>& errors)
      : path_(std::move(path)), errors_(errors) {}

  ProfileField Read(const base::Json& json) {
    ProfileField field;
    if (!json.is_object()) {
      errors_.push_back({path_, "must be an object"});
      return field;
    }
    for (const auto& [key, value] : json.items()) {
      if (key == "name") {
        Get(key, value, field.name);
      } else if (key == "unit") {
        Get(key, value, field.unit);
      } else if (key == "required") {
        Get(key, value, field.required);
      } else if (key == "min") {
        Get(key, value, field.min);
      } else if (key == "max") {
        Get(key, value, field.max);
      } else if (key == "nominal_min") {
        Get(key, value, field.nominal_min);
      } else if (key == "nominal_max") {
        Get(key, value, field.nominal_max);
      } else {
        Wrong(key, "is not known; remove it");
      }
    }
    for (const char* key : {"name", "min", "max"}) {
      if (!json.contains(key)) Wrong(key, "is missing");
    }
    return field;
  }

 private:
  void Wrong(const std::string& key, const char* message) {
    errors_.push_back({path_ + "." + key, message});
  }
  void Get(const std::string& key, const base::Json& value, std::string& out) {
    if (!value.is_string()) return Wrong(key, "must be text");
    out = value.get<std::string>();
  }
  void Get(const std::string& key, const base::Json& value, bool& out) {
    if (!value.is_boolean()) return Wrong(key, "must be true or false");
    out = value.get<bool>();
  }
  void Get(const std::string& key, const base::Json& value, double& out) {
    if (!value.is_number()) return Wrong(key, "must be a number");
    out = value.get<double>();
  }
  void Get(const std::string& key, const base::Json& value, std::optional<double>& out) {
    if (!value.is_null()) Get(key, value, out.emplace());
  }

  const std::string path_;
  std::vector<base::FieldError>& errors_;
};

}  // namespace

base::Json FieldsToJson(const std::vector<ProfileField>& fields) {
  base::Json json = base::Json::array();
  for (const ProfileField& field : fields) {
    json.push_back({{"name", field.name},
                    {"unit", field.unit},
                    {"required", field.required},
                    {"min", field.min},
                    {"max", field.max},
                    {"nominal_min", OptionalNumber(field.nominal_min)},
                    {"nominal_max", OptionalNumber(field.nominal_max)}});
  }
  return json;
}

base::Result<std::vector<ProfileField>> FieldsFromJson(const base::Json& json) {
  if (!json.is_array()) return base::InvalidField("fields", "must be an array");
  std::vector<ProfileField> fields;
  std::vector<base::FieldError> errors;
  for (size_t i = 0; i < json.size(); ++i) {
    fields.push_back(Reader("fields[" + std::to_string(i) + "]", errors).Read(json[i]));
  }
  if (!errors.empty()) return base::InvalidArgument("the fields are not valid", std::move(errors));
  return fields;
}

}  // namespace energy::devices
