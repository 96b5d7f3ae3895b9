#include "services/convert/collection.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

// Names of field types as the structs spell them.
constexpr std::array<std::pair<std::string_view, v1::FieldType>, 5> kFieldTypes = {{
    {"keyword", v1::FIELD_TYPE_KEYWORD},
    {"integer", v1::FIELD_TYPE_INTEGER},
    {"real", v1::FIELD_TYPE_REAL},
    {"boolean", v1::FIELD_TYPE_BOOLEAN},
    {"timestamp", v1::FIELD_TYPE_TIMESTAMP},
}};

}  // namespace

v1::FieldType FieldTypeOf(std::string_view name) {
  for (const auto& [known, type] : kFieldTypes) {
    if (known == name) return type;
  }
  return v1::FIELD_TYPE_UNSPECIFIED;
}

std::string FieldTypeName(v1::FieldType type) {
  for (const auto& [name, known] : kFieldTypes) {
    if (known == type) return std::string(name);
  }
  return "";
}

void ToProto(const retrieval::CollectionSummary& from, v1::Collection& to) {
  to.set_name(from.name);
  for (const std::string& alias : from.aliases) to.add_aliases(alias);
  for (const std::string& snapshot : from.snapshots) to.add_snapshot_names(snapshot);
  to.set_generation(from.generation);
  to.set_document_count(from.documents);
  to.set_passage_count(from.passages);
  to.set_segment_count(from.segments);
  to.set_size_bytes(from.bytes);
  to.set_idf_version(from.idf_version);
  to.set_sequence(from.sequence);
  to.set_encoder(from.encoder);
  to.set_analyzer(from.analyzer);
  to.set_settings_json(from.settings_json);
  for (const auto& [name, type] : from.fields) {
    v1::Collection::FieldSchema& added = *to.add_fields();
    added.set_name(name);
    added.set_type(FieldTypeOf(type));
  }
  for (const auto& [section, bytes] : from.section_bytes) {
    (*to.mutable_section_bytes())[section] = bytes;
  }
}

retrieval::CollectionSummary FromProto(const v1::Collection& from) {
  retrieval::CollectionSummary to;
  to.name = from.name();
  to.aliases.assign(from.aliases().begin(), from.aliases().end());
  to.snapshots.assign(from.snapshot_names().begin(), from.snapshot_names().end());
  to.generation = from.generation();
  to.documents = from.document_count();
  to.passages = from.passage_count();
  to.segments = from.segment_count();
  to.bytes = from.size_bytes();
  to.idf_version = from.idf_version();
  to.sequence = from.sequence();
  to.encoder = from.encoder();
  to.analyzer = from.analyzer();
  to.settings_json = from.settings_json();
  for (const v1::Collection::FieldSchema& field : from.fields()) {
    to.fields.emplace_back(field.name(), FieldTypeName(field.type()));
  }
  to.section_bytes.assign(from.section_bytes().begin(), from.section_bytes().end());
  std::sort(to.section_bytes.begin(), to.section_bytes.end());
  return to;
}

void ToProto(const retrieval::PinnedSnapshot& from, v1::SnapshotLease& to) {
  to.set_snapshot(from.token);
  to.set_generation(from.generation);
  ToProto(from.expires, *to.mutable_expire_time());
}

absl::StatusOr<retrieval::PinnedSnapshot> FromProto(const v1::SnapshotLease& from) {
  retrieval::PinnedSnapshot to;
  to.token = from.snapshot();
  to.generation = from.generation();
  ASSIGN_OR_RETURN(to.expires, FromProto(from.expire_time(), FieldPath().Field("expire_time")));
  return to;
}

}  // namespace foraker::convert
