#include "retrieval/ingest/new_settings.h"

#include <memory>

#include "base/status.h"
#include "retrieval/ingest/settings_check.h"

namespace foraker::retrieval {

absl::Status CheckIdfSource(const CollectionSettings& settings, EncoderStore& encoders) {
  if (!IsNeural(settings.document) || settings.query.idf_source != IdfSource::kEncoder) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto table, encoders.Table(settings.document));
  if (!table->weights().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("setting query.idf_source: expected blend or collection, the encoder ",
                   settings.document.encoder, " has no idf table"));
}

absl::StatusOr<CollectionSettings> SettleNewSettings(const CollectionSettings& asked,
                                                     EncoderStore& encoders) {
  // The way to JSON and back checks the values.
  ASSIGN_OR_RETURN(CollectionSettings settings, CollectionSettings::FromJson(asked.ToJson()));
  ASSIGN_OR_RETURN(settings.document.fingerprint, AnalyzerFingerprint(settings.document));
  RETURN_IF_ERROR(encoders.Adopt(settings.document));
  RETURN_IF_ERROR(CheckIdfSource(settings, encoders));
  return settings;
}

}  // namespace foraker::retrieval
