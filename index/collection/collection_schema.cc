#include "index/collection/collection_schema.h"

#include "absl/strings/str_format.h"

namespace foraker::index {

CollectionSchema::CollectionSchema(const Snapshot& snapshot) {
  for (const LiveSegment& live : snapshot.segments) {
    for (const FieldInfo& field : live.segment->fields().schema()) {
      fields_.try_emplace(field.name, field.type);
    }
    if (any_documents_ || live.segment->num_documents() == 0) continue;
    any_documents_ = true;
    const CountedTerms* counted = live.segment->counted_terms();
    if (counted != nullptr) counted_ = counted->counted_namespace();
  }
}

absl::Status CollectionSchema::Check(const Document& document) const {
  for (const Field& field : document.fields) {
    if (field.values.empty()) continue;
    const auto known = fields_.find(field.name);
    const FieldType type = TypeOf(field.values.front());
    if (known == fields_.end() || known->second == type) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "document '%s': field '%s' is %s in this collection and cannot become %s", document.id,
        field.name, FieldTypeName(known->second), FieldTypeName(type)));
  }
  if (any_documents_ && document.counted_namespace != counted_) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "document '%s' counts terms of another namespace than the collection's other documents",
        document.id));
  }
  return absl::OkStatus();
}

void CollectionSchema::Add(const Document& document) {
  for (const Field& field : document.fields) {
    if (!field.values.empty()) fields_.try_emplace(field.name, TypeOf(field.values.front()));
  }
  any_documents_ = true;
  counted_ = document.counted_namespace;
}

}  // namespace foraker::index
