#include "retrieval/ingest/field_schema.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

using index::FieldType;
using index::FieldValue;

absl::Status ToTimestamp(FieldValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  absl::Time time;
  // ParseTime would also take "infinite-past" and the like.
  if (text == nullptr || text->empty() || !absl::ascii_isdigit(text->front()) ||
      !absl::ParseTime(absl::RFC3339_full, *text, &time, nullptr)) {
    return absl::InvalidArgumentError("expected a timestamp such as 2024-05-31T08:00:00Z");
  }
  value = index::Timestamp{absl::ToUnixMicros(time)};
  return absl::OkStatus();
}

absl::Status ConvertTo(FieldType type, FieldValue& value) {
  const FieldType own = TypeOf(value);
  if (own == type) return absl::OkStatus();
  if (type == FieldType::kTimestamp) return ToTimestamp(value);
  if (type == FieldType::kReal && own == FieldType::kInteger) {
    value = static_cast<double>(std::get<int64_t>(value));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("expected %s, got %s", FieldTypeName(type), FieldTypeName(own)));
}

}  // namespace

absl::Status FieldSchema::Declare(const std::string& field, FieldType type) {
  const auto [known, inserted] = types_.emplace(field, type);
  if (inserted || known->second == type) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat("field \"%s\" is %s and cannot become %s",
                                                    field, FieldTypeName(known->second),
                                                    FieldTypeName(type)));
}

absl::Status FieldSchema::DeclareAll(const index::Snapshot& snapshot) {
  for (const index::LiveSegment& live : snapshot.segments) {
    for (const index::FieldInfo& info : live.segment->fields().schema()) {
      RETURN_IF_ERROR(Declare(info.name, info.type));
    }
  }
  return absl::OkStatus();
}

absl::Status FieldSchema::Conform(index::Document& document) {
  std::vector<std::pair<std::string, FieldType>> added;
  for (index::Field& field : document.fields) {
    const auto known = types_.find(field.name);
    const FieldType type = known != types_.end() ? known->second : TypeOf(field.values.front());
    for (FieldValue& value : field.values) {
      RETURN_IF_ERROR(base::Annotate(ConvertTo(type, value), absl::StrCat("field ", field.name)));
    }
    if (known == types_.end()) added.emplace_back(field.name, type);
  }
  types_.insert(added.begin(), added.end());
  return absl::OkStatus();
}

}  // namespace foraker::retrieval
