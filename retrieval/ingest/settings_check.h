// What must agree between a collection and what is added to it. Thread-safe.

#ifndef FORAKER_RETRIEVAL_INGEST_SETTINGS_CHECK_H_
#define FORAKER_RETRIEVAL_INGEST_SETTINGS_CHECK_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

// kInvalidArgument, naming the first setting that differs and both its values; `there` and `here`
// say where each value stands ("the collection", "shard s1").
absl::Status CheckSameDocumentSide(const DocumentSide& a, std::string_view there,
                                   const DocumentSide& b, std::string_view here);

// Every setting by its name ("document.k1") with its value as text.
std::map<std::string, std::string> SettingsByName(const CollectionSettings& settings);

// The fingerprint of this build's analyzer under these settings; empty for imported vectors.
absl::StatusOr<std::string> AnalyzerFingerprint(const DocumentSide& settings);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_SETTINGS_CHECK_H_
