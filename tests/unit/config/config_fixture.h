#pragma once
// Configurations as text, for the tests of the builder: all complete but for what is tested.
#include <string>

#include "daemon/domain/config/config_builder.h"
#include "daemon/platform/toml/toml_text.h"

namespace tokman {

struct ConfigFixture {
  std::string store = "[store]\nkey = 'env:KEY'\n";
  std::string app = "[[app]]\nname = 'ci'\nprivate_keys = 'file:/ci.pem'\n";  // Without an id.
  std::string grant = "[[grant]]\nname = 'workers'\n";  // Without anything else.
  std::string gives =
      "scopes = 'github:token'\napps = 'ci'\ntargets = 'octo-org/*'\n"
      "permissions = { contents = 'read' }\n";

  static ConfigDraft build(const std::string& text) { return build_files({text}); }
  // Each text is a file: "1.toml", "2.toml", …
  static ConfigDraft build_files(const std::vector<std::string>& texts) {
    std::vector<RawValue> files;
    files.reserve(texts.size());
    for (const std::string& text : texts) {
      files.push_back(parse_toml(text, std::to_string(files.size() + 1) + ".toml").root);
    }
    return build_config(files);
  }

  // All problems, one a line.
  static std::string problems(const ConfigDraft& draft) {
    std::string lines;
    for (const ConfigProblem& problem : draft.problems) lines += to_string(problem) + "\n";
    return lines;
  }
  std::string problems_with(const std::string& text) const { return problems(build(store + text)); }

  ConfigDraft build_app(const std::string& keys) const {
    return build(store + app + "app_id = 7\n" + keys);
  }
  std::string problems_with_app(const std::string& keys) const { return problems(build_app(keys)); }

  ConfigDraft build_grant(const std::string& keys) const {
    return build(store + app + "app_id = 7\n" + grant + keys);
  }
  std::string problems_with_grant(const std::string& keys) const {
    return problems(build_grant(keys));
  }
};

}  // namespace tokman
