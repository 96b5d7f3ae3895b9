#include "services/cli/remote_collection.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

#include "base/status.h"
#include "retrieval/ingest/reference_length.h"
#include "retrieval/ingest/settings_check.h"
#include "retrieval/settings.h"

namespace foraker::cli {
namespace {

using retrieval::CollectionSettings;

uint32_t Threads(uint32_t given) {
  return given > 0 ? given : std::max(1u, std::thread::hardware_concurrency());
}

// A setting's value as a request has it: a string without its quotes.
std::string RequestValue(const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  return value.is_string() ? value.get<std::string>() : json;
}

absl::Status Create(retrieval::Administrator& administrator,
                    const retrieval::BatchBuildOptions& build, retrieval::LineReader& reader) {
  CollectionSettings asked;
  build.adjust_settings(asked);  // tells the encoder, whose defaults it then changes
  const std::string encoder = asked.document.encoder;
  asked = retrieval::DefaultSettings(encoder);
  const CollectionSettings defaults = asked;
  build.adjust_settings(asked);
  if (build.kind == retrieval::InputKind::kText && asked.document.reference_length == 0) {
    ASSIGN_OR_RETURN(
        asked.document.reference_length,
        retrieval::MeasureReferenceLength(reader, asked.document, Threads(build.threads)));
  }
  retrieval::CreateRequest request;
  request.collection = build.collection;
  request.encoder = encoder;
  request.settings = ChangesBetween(defaults, asked);
  for (const auto& [name, type] : build.fields) {
    request.fields.emplace_back(name, index::FieldTypeName(type));
  }
  return administrator.CreateCollection(request);
}

// The collection there is has these settings, or takes them.
absl::Status Conform(retrieval::Administrator& administrator,
                     const retrieval::CollectionSummary& collection,
                     const retrieval::BatchBuildOptions& build) {
  ASSIGN_OR_RETURN(const CollectionSettings there,
                   CollectionSettings::FromJson(collection.settings_json));
  CollectionSettings asked = there;
  build.adjust_settings(asked);
  RETURN_IF_ERROR(retrieval::CheckSameDocumentSide(there.document, "the collection", asked.document,
                                                   "the options"));
  for (const auto& [name, type] : build.fields) {
    for (const auto& [known, known_type] : collection.fields) {
      if (known != name || known_type == index::FieldTypeName(type)) continue;
      return absl::InvalidArgumentError(absl::StrCat("field ", name, " is ", known_type,
                                                     " in the collection, but another type in the "
                                                     "options"));
    }
  }
  const retrieval::SettingChanges changes = ChangesBetween(there, asked);
  return changes.empty() ? absl::OkStatus()
                         : administrator.UpdateSettings(collection.name, changes);
}

}  // namespace

retrieval::SettingChanges ChangesBetween(const CollectionSettings& from,
                                         const CollectionSettings& to) {
  std::map<std::string, std::string> before = retrieval::SettingsByName(from);
  retrieval::SettingChanges changes;
  for (const auto& [name, value] : retrieval::SettingsByName(to)) {
    const bool computed = name == "document.encoder" || name == "document.encoder_fingerprint" ||
                          name == "document.fingerprint";
    if (computed || before[name] == value) continue;
    changes.emplace_back(name, RequestValue(value));
  }
  return changes;
}

absl::StatusOr<bool> PrepareRemoteCollection(retrieval::Searcher& searcher,
                                             retrieval::Administrator& administrator,
                                             const retrieval::BatchBuildOptions& build,
                                             retrieval::LineReader& reader) {
  const auto collection = searcher.Describe(build.collection);
  if (collection.ok()) {
    RETURN_IF_ERROR(Conform(administrator, *collection, build));
    return false;
  }
  if (!absl::IsNotFound(collection.status())) return collection.status();
  RETURN_IF_ERROR(Create(administrator, build, reader));
  return true;
}

}  // namespace foraker::cli
