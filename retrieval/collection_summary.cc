#include "retrieval/collection_summary.h"

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {
namespace {

// "english/porter", "none".
std::string AnalyzerName(const DocumentSide& settings) {
  return settings.stemmer.empty() ? settings.language
                                  : absl::StrCat(settings.language, "/", settings.stemmer);
}

}  // namespace

absl::StatusOr<CollectionSummary> Summarize(const index::CollectionInfo& info,
                                            const index::Snapshot* newest) {
  const index::CollectionRecord& record = info.record;
  const absl::StatusOr<CollectionSettings> settings = CollectionSettings::FromJson(record.settings);
  if (!settings.ok()) {
    return base::Annotate(settings.status(), absl::StrCat("collection \"", record.name, "\""));
  }
  CollectionSummary summary{.name = record.name,
                            .aliases = info.aliases,
                            .snapshots = info.snapshots,
                            .generation = record.generation,
                            .documents = 0,
                            .passages = 0,
                            .segments = record.segments.size(),
                            .bytes = info.bytes,
                            .idf_version = record.idf_version,
                            .sequence = record.sequence,
                            .encoder = settings->document.encoder,
                            .analyzer = AnalyzerName(settings->document),
                            .settings_json = record.settings,
                            .fields = {},
                            .section_bytes = {}};
  for (const index::SegmentRecord& segment : record.segments) {
    summary.documents += segment.live_documents;
    summary.passages += segment.live_passages;
  }
  if (newest == nullptr) return summary;
  summary.generation = newest->generation;
  summary.sequence = newest->sequence;
  summary.documents = newest->live_documents;
  summary.passages = newest->live_passages;
  summary.segments = newest->segments.size();
  summary.idf_version = newest->idf_version;
  return summary;
}

void AddContents(const index::Snapshot& snapshot, CollectionSummary& summary) {
  std::map<std::string, std::string> fields;
  std::map<index::SectionId, uint64_t> bytes;
  const absl::StatusOr<CollectionSettings> settings =
      CollectionSettings::FromJson(snapshot.settings);
  if (settings.ok()) {
    for (const auto& [name, type] : settings->fields) {
      fields.emplace(name, index::FieldTypeName(type));
    }
  }
  for (const index::LiveSegment& live : snapshot.segments) {
    for (const index::FieldInfo& field : live.segment->fields().schema()) {
      fields.emplace(field.name, index::FieldTypeName(field.type));
    }
    for (const index::SectionFile::Info& section : live.segment->file().sections()) {
      bytes[section.id] += section.length;
    }
  }
  summary.fields.assign(fields.begin(), fields.end());
  for (const auto& [id, length] : bytes) {
    summary.section_bytes.emplace_back(index::SectionName(id), length);
  }
}

}  // namespace foraker::retrieval
