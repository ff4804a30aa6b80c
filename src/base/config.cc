#include "base/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace energy::base {
namespace {

std::string Quoted(const std::string& text) {
  YAML::Emitter emitter;
  emitter << YAML::DoubleQuoted << text;
  return emitter.c_str();
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + ",") {
    if (c == ',') {
      if (!part.empty()) parts.push_back(part);
      part.clear();
    } else if (!std::isspace(static_cast<unsigned char>(c))) {
      part += c;
    }
  }
  return parts;
}

// http.port -> ENERGY_HTTP__PORT
std::string EnvironmentName(const std::string& key) {
  std::string name = "ENERGY_";
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return name;
}

std::string CheckOneOf(const OptionSpec& spec, const std::string& text) {
  if (spec.one_of.empty()) return {};
  if (std::find(spec.one_of.begin(), spec.one_of.end(), text) != spec.one_of.end()) return {};
  return "'" + text + "' is none of " + Join(spec.one_of, ", ");
}

std::string ParseInteger(const OptionSpec& spec, const std::string& text, int64_t* variable) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return "'" + text + "' is not a whole number";
  }
  if (value < spec.min || value > spec.max) {
    return "must be from " + std::to_string(spec.min) + " to " + std::to_string(spec.max) +
           (spec.unit.empty() ? "" : " " + spec.unit);
  }
  *variable = value;
  return {};
}

std::string Flatten(const YAML::Node& node) {
  if (!node.IsSequence()) return node.as<std::string>("");
  std::vector<std::string> parts;
  for (const YAML::Node& item : node) parts.push_back(item.as<std::string>(""));
  return Join(parts, ",");
}

// Calls `visit(key, text)` for every leaf of the document.
template <class Visit>
void Walk(const YAML::Node& node, const std::string& prefix, const Visit& visit) {
  if (!node.IsMap()) {
    visit(prefix, node.IsNull() ? std::string() : Flatten(node));
    return;
  }
  for (const auto& item : node) {
    const auto name = item.first.as<std::string>("");
    Walk(item.second, prefix.empty() ? name : prefix + "." + name, visit);
  }
}

}  // namespace

void Config::Add(Option option) { options_.push_back(std::move(option)); }

void Config::Bind(std::string key, std::string* variable, OptionSpec spec) {
  auto set = [variable, spec](const std::string& text) {
    std::string error = CheckOneOf(spec, text);
    if (error.empty()) *variable = text;
    return error;
  };
  Add({std::move(key), spec, "text", set, [variable] { return Quoted(*variable); }});
}

void Config::Bind(std::string key, int64_t* variable, OptionSpec spec) {
  auto set = [variable, spec](const std::string& text) {
    return ParseInteger(spec, text, variable);
  };
  Add({std::move(key), spec, "number", set, [variable] { return std::to_string(*variable); }});
}

void Config::Bind(std::string key, bool* variable, OptionSpec spec) {
  auto set = [variable](const std::string& text) -> std::string {
    if (text != "true" && text != "false") return "'" + text + "' is neither true nor false";
    *variable = text == "true";
    return {};
  };
  Add({std::move(key), spec, "true or false", set,
       [variable] { return std::string(*variable ? "true" : "false"); }});
}

void Config::Bind(std::string key, std::vector<std::string>* variable, OptionSpec spec) {
  auto set = [variable, spec](const std::string& text) -> std::string {
    std::vector<std::string> parts = SplitList(text);
    for (const std::string& part : parts) {
      if (std::string error = CheckOneOf(spec, part); !error.empty()) return error;
    }
    *variable = std::move(parts);
    return {};
  };
  Add({std::move(key), spec, "list", set,
       [variable] { return "[" + Join(*variable, ", ") + "]"; }});
}

Config::Option* Config::Find(const std::string& key) {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&](const Option& option) { return option.key == key; });
  return found == options_.end() ? nullptr : &*found;
}

void Config::Assign(Option& option, const std::string& text, const std::string& origin) {
  if (std::string error = option.set(text); !error.empty()) {
    const std::string shown = option.spec.secret ? "has a value that does not fit" : error;
    errors_.push_back({option.key, shown + " (" + origin + ")"});
  }
}

void Config::Set(const std::string& key, const std::string& text, const std::string& origin) {
  if (Option* option = Find(key)) {
    Assign(*option, text, origin);
  } else {
    errors_.push_back({key, "is no option (" + origin + "); see --print-config for all of them"});
  }
}

std::string Config::Expand(const std::string& text, const std::string& origin,
                           const Environment& environment) {
  std::string expanded;
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find("${", at);
    const size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) return expanded + text.substr(at);
    expanded += text.substr(at, open - at);
    const std::string name = text.substr(open + 2, close - open - 2);
    if (const char* value = environment(name.c_str())) {
      expanded += value;
    } else {
      errors_.push_back({name, "is used in " + origin + " but not set in the environment"});
    }
    at = close + 1;
  }
  return expanded;
}

void Config::LoadYaml(const std::string& text, const std::string& origin,
                      const Environment& environment) {
  try {
    const YAML::Node document = YAML::Load(text);
    if (document.IsNull()) return;
    if (!document.IsMap()) {
      errors_.push_back({origin, "must hold sections with options, such as `http: {port: 8080}`"});
      return;
    }
    Walk(document, "", [&](const std::string& key, const std::string& value) {
      Set(key, Expand(value, origin, environment), origin);
    });
  } catch (const YAML::Exception& error) {
    errors_.push_back({origin, std::string("is not valid YAML: ") + error.what()});
  }
}

void Config::LoadEnvironment(const Environment& environment) {
  for (Option& option : options_) {
    for (const std::string& name : {option.spec.alias, EnvironmentName(option.key)}) {
      if (name.empty()) continue;
      if (const char* value = environment(name.c_str())) Assign(option, value, name);
    }
  }
}

Status Config::Check() const {
  if (errors_.empty()) return {};
  return InvalidArgument("the configuration is not usable", errors_);
}

std::string Config::Print() const {
  std::string text;
  std::string section;
  for (const Option& option : options_) {
    const size_t dot = option.key.rfind('.');
    if (option.key.substr(0, dot) != section) {
      section = option.key.substr(0, dot);
      text += section + ":\n";
    }
    const std::string value =
        option.spec.secret && option.yaml() != "\"\"" ? "\"***\"" : option.yaml();
    text += "  " + option.key.substr(dot + 1) + ": " + value + "\n";
  }
  return text;
}

std::string Config::Example() const {
  std::string text;
  std::string section;
  for (const Option& option : options_) {
    const size_t dot = option.key.rfind('.');
    if (option.key.substr(0, dot) != section) {
      section = option.key.substr(0, dot);
      text += (text.empty() ? "" : "\n") + section + ":\n";
    }
    text += "  # " + option.spec.description +
            (option.spec.unit.empty() ? "" : " [" + option.spec.unit + "]") + "\n";
    text += "  " + option.key.substr(dot + 1) + ": " + option.yaml() + "\n";
  }
  return text;
}

std::string Config::Markdown() const {
  std::string text =
      "| option | environment | default | what it does |\n| --- | --- | --- | --- |\n";
  for (const Option& option : options_) {
    std::string range;
    if (option.spec.min != INT64_MIN && option.spec.max != INT64_MAX) {
      range =
          " (" + std::to_string(option.spec.min) + " to " + std::to_string(option.spec.max) + ")";
    }
    if (!option.spec.one_of.empty()) range = " (" + Join(option.spec.one_of, ", ") + ")";
    const std::string unit = option.spec.unit.empty() ? "" : " " + option.spec.unit;
    text += "| `" + option.key + "` | `" + EnvironmentName(option.key) + "`" +
            (option.spec.alias.empty() ? "" : ", `" + option.spec.alias + "`") + " | `" +
            option.yaml() + "`" + unit + " | " + option.spec.description + range + " |\n";
  }
  return text;
}

}  // namespace energy::base
