#include "retrieval/filters.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

index::DocumentSet Live(const index::LiveSegment& live) {
  index::DocumentSet documents;
  documents.addRange(0, live.segment->num_documents());
  if (live.deleted_documents != nullptr) documents -= *live.deleted_documents;
  return documents;
}

std::optional<index::FieldType> TypeIn(const index::Segment& segment, std::string_view field) {
  for (const index::FieldInfo& info : segment.fields().schema()) {
    if (info.name == field) return info.type;
  }
  return std::nullopt;
}

// Checks every field of the filter before anything is evaluated.
absl::Status CheckFields(const Filter& filter, const index::Snapshot& snapshot) {
  for (const Filter& operand : filter.operands) RETURN_IF_ERROR(CheckFields(operand, snapshot));
  switch (filter.kind) {
    case Filter::Kind::kAnd:
    case Filter::Kind::kOr:
    case Filter::Kind::kNot:
      return absl::OkStatus();
    default:
      return filter.field == kIdField ? absl::OkStatus()
                                      : CheckFieldExists("filter", filter.field, snapshot);
  }
}

// Evaluates a filter on one segment. Sets of inner nodes may hold deleted documents: only the last
// step takes them out.
class SegmentFilter {
 public:
  explicit SegmentFilter(const index::LiveSegment& live)
      : segment_(*live.segment), live_(Live(live)) {}

  absl::StatusOr<index::DocumentSet> Run(const Filter& filter) const {
    ASSIGN_OR_RETURN(index::DocumentSet documents, Visit(filter));
    documents &= live_;
    return documents;
  }

 private:
  absl::StatusOr<index::DocumentSet> Visit(const Filter& filter) const {
    switch (filter.kind) {
      case Filter::Kind::kAnd: {
        index::DocumentSet all = live_;
        for (const Filter& operand : filter.operands) {
          ASSIGN_OR_RETURN(const index::DocumentSet documents, Visit(operand));
          all &= documents;
        }
        return all;
      }
      case Filter::Kind::kOr: {
        index::DocumentSet any;
        for (const Filter& operand : filter.operands) {
          ASSIGN_OR_RETURN(const index::DocumentSet documents, Visit(operand));
          any |= documents;
        }
        return any;
      }
      case Filter::Kind::kNot: {
        ASSIGN_OR_RETURN(const index::DocumentSet documents, Visit(filter.operands.front()));
        return live_ - documents;
      }
      default:
        return filter.field == kIdField ? OnId(filter) : OnField(filter);
    }
  }

  absl::StatusOr<index::DocumentSet> OnId(const Filter& filter) const {
    if (filter.kind == Filter::Kind::kExists) return live_;
    if (filter.kind == Filter::Kind::kRange) {
      return absl::InvalidArgumentError("filter on field \"_id\": ids have no ranges");
    }
    index::DocumentSet documents;
    for (const Value& value : filter.values) {
      const auto* id = std::get_if<std::string>(&value);
      if (id == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrFormat("filter on field \"_id\": expected keyword values, got %s",
                            index::FieldTypeName(index::TypeOf(ToFieldValue(value)))));
      }
      ASSIGN_OR_RETURN(const std::optional<index::DocId> document, segment_.FindId(*id));
      if (document.has_value()) documents.add(*document);
    }
    return documents;
  }

  absl::StatusOr<index::DocumentSet> OnField(const Filter& filter) const {
    const std::optional<index::FieldType> type = TypeIn(segment_, filter.field);
    if (!type.has_value()) return index::DocumentSet();
    if (filter.kind == Filter::Kind::kExists) return segment_.fields().Exists(filter.field);
    if (filter.kind == Filter::Kind::kRange) {
      index::FieldRange range{.low = {},
                              .high = {},
                              .low_inclusive = filter.low_inclusive,
                              .high_inclusive = filter.high_inclusive};
      if (filter.low.has_value()) {
        ASSIGN_OR_RETURN(range.low, Fit(filter.field, *type, *filter.low));
      }
      if (filter.high.has_value()) {
        ASSIGN_OR_RETURN(range.high, Fit(filter.field, *type, *filter.high));
      }
      return segment_.fields().InRange(filter.field, range);
    }
    std::vector<index::FieldValue> values;
    values.reserve(filter.values.size());
    for (const Value& value : filter.values) {
      ASSIGN_OR_RETURN(index::FieldValue fitting, Fit(filter.field, *type, value));
      values.push_back(std::move(fitting));
    }
    return segment_.fields().In(filter.field, values);
  }

  // The value as one of the field's type.
  static absl::StatusOr<index::FieldValue> Fit(std::string_view field, index::FieldType type,
                                               const Value& value) {
    index::FieldValue given = ToFieldValue(value);
    if (index::TypeOf(given) == type) return given;
    const auto* integer = std::get_if<int64_t>(&given);
    if (integer != nullptr && type == index::FieldType::kReal) {
      constexpr int64_t kExact = int64_t{1} << 53;
      if (*integer >= -kExact && *integer <= kExact) return static_cast<double>(*integer);
      return absl::InvalidArgumentError(
          absl::StrFormat("filter on field \"%s\": a real field cannot hold the integer %d exactly",
                          field, *integer));
    }
    return absl::InvalidArgumentError(absl::StrFormat(
        "filter on field \"%s\": the field is of type %s, the value of type %s", field,
        index::FieldTypeName(type), index::FieldTypeName(index::TypeOf(given))));
  }

  const index::Segment& segment_;
  const index::DocumentSet live_;
};

}  // namespace

absl::StatusOr<DocumentSets> Evaluate(const Filter& filter, const index::Snapshot& snapshot) {
  RETURN_IF_ERROR(CheckFields(filter, snapshot));
  DocumentSets sets;
  sets.reserve(snapshot.segments.size());
  for (const index::LiveSegment& live : snapshot.segments) {
    ASSIGN_OR_RETURN(index::DocumentSet documents, SegmentFilter(live).Run(filter));
    sets.push_back(std::move(documents));
  }
  return sets;
}

DocumentSets LiveDocuments(const index::Snapshot& snapshot) {
  DocumentSets sets;
  sets.reserve(snapshot.segments.size());
  for (const index::LiveSegment& live : snapshot.segments) sets.push_back(Live(live));
  return sets;
}

uint64_t CountDocuments(const DocumentSets& sets) {
  uint64_t count = 0;
  for (const index::DocumentSet& documents : sets) count += documents.cardinality();
  return count;
}

absl::Status CheckFieldExists(std::string_view use, std::string_view field,
                              const index::Snapshot& snapshot) {
  if (snapshot.segments.empty()) return absl::OkStatus();
  for (const index::LiveSegment& live : snapshot.segments) {
    if (TypeIn(*live.segment, field).has_value()) return absl::OkStatus();
  }
  std::set<std::string> known;
  for (const index::LiveSegment& live : snapshot.segments) {
    for (const index::FieldInfo& info : live.segment->fields().schema()) known.insert(info.name);
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: collection \"%s\" has no field \"%s\"; it has: %s", use, snapshot.collection, field,
      known.empty() ? "none" : absl::StrJoin(known, ", ")));
}

}  // namespace foraker::retrieval
