#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace energy::base {

/// What an option is, besides its value. The default is the value the bound variable has.
struct OptionSpec {
  std::string description;
  std::string unit = {};                 ///< "s", "bytes"; empty for a plain number or text
  int64_t min = INT64_MIN;               ///< numbers only, inclusive
  int64_t max = INT64_MAX;               ///< numbers only, inclusive
  bool secret = false;                   ///< printed as ***
  std::vector<std::string> one_of = {};  ///< texts only: the allowed values, empty for any
  std::string alias = {};                ///< environment variable of LLD Appendix A
};

/// The program's options, each declared once: bound to the variable that holds it. From that one
/// declaration come parsing, validation, the example file, the documentation and --print-config.
///
/// Sources, later ones win: defaults, YAML file (with `${ENV}` in values), environment
/// (`ENERGY_SECTION__OPTION`, or the alias), Set (flags).
/// Threads: none; read once at start, constant afterwards.
class Config {
 public:
  /// `key` is `section.option`. The variable must outlive the Config.
  void Bind(std::string key, std::string* variable, OptionSpec spec);
  void Bind(std::string key, int64_t* variable, OptionSpec spec);
  void Bind(std::string key, bool* variable, OptionSpec spec);
  void Bind(std::string key, std::vector<std::string>* variable, OptionSpec spec);

  /// Reads a YAML document. `origin` names it in messages. `environment` answers a variable's value
  /// or null, like getenv(3).
  using Environment = std::function<const char*(const char*)>;
  void LoadYaml(const std::string& text, const std::string& origin, const Environment& environment);
  void LoadEnvironment(const Environment& environment);
  /// Sets one option from text, as a flag does. `origin` names the flag.
  void Set(const std::string& key, const std::string& text, const std::string& origin);

  /// Everything that was wrong so far, all at once; ok when nothing was.
  Status Check() const;

  /// The effective values as YAML, secrets as ***.
  std::string Print() const;
  /// A YAML file of all defaults with their descriptions as comments. Call before loading.
  std::string Example() const;
  /// A Markdown table of all options. Call before loading.
  std::string Markdown() const;

 private:
  struct Option {
    std::string key;
    OptionSpec spec;
    std::string type;
    std::function<std::string(const std::string&)> set;  // the error, empty when fine
    std::function<std::string()> yaml;                   // the value as YAML
  };

  void Add(Option option);
  Option* Find(const std::string& key);
  void Assign(Option& option, const std::string& text, const std::string& origin);
  std::string Expand(const std::string& text, const std::string& origin,
                     const Environment& environment);

  std::vector<Option> options_;
  std::vector<FieldError> errors_;
};

}  // namespace energy::base
