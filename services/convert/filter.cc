#include "services/convert/filter.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

using retrieval::Filter;
using FilterList = v1::Filter::FilterList;

absl::StatusOr<Filter> FromList(const FilterList& from, Filter::Kind kind, const FieldPath& path,
                                size_t depth_left) {
  Filter to;
  to.kind = kind;
  to.operands.reserve(static_cast<size_t>(from.filters_size()));
  for (int i = 0; i < from.filters_size(); ++i) {
    ASSIGN_OR_RETURN(to.operands.emplace_back(),
                     FromProto(from.filters(i), path.Element("filters", i), depth_left));
  }
  return to;
}

// "None of these" is the negation of "any of these".
absl::StatusOr<Filter> FromNoneOf(const FilterList& from, const FieldPath& path,
                                  size_t depth_left) {
  ASSIGN_OR_RETURN(Filter any, FromList(from, Filter::Kind::kOr, path, depth_left));
  Filter to;
  to.kind = Filter::Kind::kNot;
  if (any.operands.size() == 1) {
    to.operands = std::move(any.operands);
  } else {
    to.operands.push_back(std::move(any));
  }
  return to;
}

absl::StatusOr<Filter> OnField(Filter::Kind kind, const std::string& field, const FieldPath& path) {
  if (field.empty()) return path.Field("field").Invalid("must be given");
  Filter to;
  to.kind = kind;
  to.field = field;
  return to;
}

absl::StatusOr<Filter> FromEquals(const v1::Filter::Equals& from, const FieldPath& path) {
  ASSIGN_OR_RETURN(Filter to, OnField(Filter::Kind::kEquals, from.field(), path));
  ASSIGN_OR_RETURN(to.values.emplace_back(), FromProto(from.value(), path.Field("value")));
  return to;
}

absl::StatusOr<Filter> FromIn(const v1::Filter::In& from, const FieldPath& path) {
  ASSIGN_OR_RETURN(Filter to, OnField(Filter::Kind::kIn, from.field(), path));
  to.values.reserve(static_cast<size_t>(from.values_size()));
  for (int i = 0; i < from.values_size(); ++i) {
    ASSIGN_OR_RETURN(to.values.emplace_back(),
                     FromProto(from.values(i), path.Element("values", i)));
  }
  return to;
}

absl::StatusOr<Filter> FromRange(const v1::Filter::Range& from, const FieldPath& path) {
  ASSIGN_OR_RETURN(Filter to, OnField(Filter::Kind::kRange, from.field(), path));
  if (from.has_gt()) {
    ASSIGN_OR_RETURN(to.low, FromProto(from.gt(), path.Field("gt")));
    to.low_inclusive = false;
  } else if (from.has_gte()) {
    ASSIGN_OR_RETURN(to.low, FromProto(from.gte(), path.Field("gte")));
  }
  if (from.has_lt()) {
    ASSIGN_OR_RETURN(to.high, FromProto(from.lt(), path.Field("lt")));
    to.high_inclusive = false;
  } else if (from.has_lte()) {
    ASSIGN_OR_RETURN(to.high, FromProto(from.lte(), path.Field("lte")));
  }
  if (!to.low.has_value() && !to.high.has_value()) {
    return path.Invalid("expected a bound: one of gt, gte, lt, lte");
  }
  return to;
}

void OperandsToProto(const Filter& from, FilterList& to) {
  for (const Filter& operand : from.operands) ToProto(operand, *to.add_filters());
}

void RangeToProto(const Filter& from, v1::Filter::Range& to) {
  to.set_field(from.field);
  if (from.low.has_value()) {
    ToProto(*from.low, from.low_inclusive ? *to.mutable_gte() : *to.mutable_gt());
  }
  if (from.high.has_value()) {
    ToProto(*from.high, from.high_inclusive ? *to.mutable_lte() : *to.mutable_lt());
  }
}

}  // namespace

absl::StatusOr<Filter> FromProto(const v1::Filter& from, const FieldPath& path, size_t depth_left) {
  if (depth_left == 0) return path.Invalid("the filter is nested too deep");
  switch (from.condition_case()) {
    case v1::Filter::kAllOf:
      return FromList(from.all_of(), Filter::Kind::kAnd, path.Field("all_of"), depth_left - 1);
    case v1::Filter::kAnyOf:
      return FromList(from.any_of(), Filter::Kind::kOr, path.Field("any_of"), depth_left - 1);
    case v1::Filter::kNoneOf:
      return FromNoneOf(from.none_of(), path.Field("none_of"), depth_left - 1);
    case v1::Filter::kEquals:
      return FromEquals(from.equals(), path.Field("equals"));
    case v1::Filter::kInValues:
      return FromIn(from.in_values(), path.Field("in_values"));
    case v1::Filter::kRange:
      return FromRange(from.range(), path.Field("range"));
    case v1::Filter::kExists:
      return OnField(Filter::Kind::kExists, from.exists().field(), path.Field("exists"));
    case v1::Filter::CONDITION_NOT_SET:
      break;
  }
  return path.Invalid("expected one of all_of, any_of, none_of, equals, in_values, range, exists");
}

void ToProto(const Filter& from, v1::Filter& to) {
  switch (from.kind) {
    case Filter::Kind::kAnd:
      return OperandsToProto(from, *to.mutable_all_of());
    case Filter::Kind::kOr:
      return OperandsToProto(from, *to.mutable_any_of());
    case Filter::Kind::kNot:
      return OperandsToProto(from, *to.mutable_none_of());
    case Filter::Kind::kEquals:
      to.mutable_equals()->set_field(from.field);
      for (const auto& value : from.values) ToProto(value, *to.mutable_equals()->mutable_value());
      return;
    case Filter::Kind::kIn:
      to.mutable_in_values()->set_field(from.field);
      for (const auto& value : from.values) ToProto(value, *to.mutable_in_values()->add_values());
      return;
    case Filter::Kind::kRange:
      return RangeToProto(from, *to.mutable_range());
    case Filter::Kind::kExists:
      to.mutable_exists()->set_field(from.field);
      return;
  }
}

}  // namespace foraker::convert
