#include "retrieval/ingest/settings_check.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/analyzer/analyzer.h"

namespace foraker::retrieval {
namespace {

nlohmann::json DocumentJson(const DocumentSide& side) {
  const CollectionSettings settings{side, {}};
  return nlohmann::json::parse(settings.ToJson(), nullptr, /*allow_exceptions=*/false)["document"];
}

}  // namespace

absl::Status CheckSameDocumentSide(const DocumentSide& a, std::string_view there,
                                   const DocumentSide& b, std::string_view here) {
  if (a == b) return absl::OkStatus();
  const nlohmann::json values_a = DocumentJson(a);
  const nlohmann::json values_b = DocumentJson(b);
  for (const auto& [setting, value] : values_a.items()) {
    if (value == values_b[setting]) continue;
    return absl::InvalidArgumentError(
        absl::StrFormat("setting %s is %s in %s, but %s in %s; it is fixed when a collection is "
                        "made",
                        setting, value.dump(), there, values_b[setting].dump(), here));
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
