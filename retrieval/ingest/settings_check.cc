#include "retrieval/ingest/settings_check.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/analyzer/analyzer.h"

namespace foraker::retrieval {

std::map<std::string, std::string> SettingsByName(const CollectionSettings& settings) {
  std::map<std::string, std::string> values;
  const auto json = nlohmann::json::parse(settings.ToJson(), nullptr, /*allow_exceptions=*/false);
  for (const auto& [side, members] : json.items()) {
    for (const auto& [name, value] : members.items()) {
      values[absl::StrCat(side, ".", name)] = value.dump();
    }
  }
  return values;
}

absl::Status CheckSameDocumentSide(const DocumentSide& a, std::string_view there,
                                   const DocumentSide& b, std::string_view here) {
  CollectionSettings side;
  side.document = a;
  auto values_a = SettingsByName(side);
  side.document = b;
  auto values_b = SettingsByName(side);
  if (IsNeural(a) && IsNeural(b)) {
    // The fingerprint says which encoder it is; its files may have moved.
    for (auto* values : {&values_a, &values_b}) {
      values->erase("document.encoder");
      values->erase("document.encoder_idf");
    }
  }
  for (const auto& [setting, value] : values_a) {
    const std::string& other = values_b.at(setting);
    if (value == other) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "setting %s is %s in %s, but %s in %s; it is fixed when a collection is made",
        setting.substr(setting.find('.') + 1), value, there, other, here));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> AnalyzerFingerprint(const DocumentSide& settings) {
  if (settings.encoder == "vectors") return std::string();
  model::AnalyzerOptions options;
  options.language = settings.language;
  options.stemmer = settings.stemmer;
  options.stop_words = settings.stop_words;
  ASSIGN_OR_RETURN(const std::shared_ptr<const model::Analyzer> analyzer,
                   model::Analyzer::Create(options));
  return analyzer->Fingerprint();
}

}  // namespace foraker::retrieval
