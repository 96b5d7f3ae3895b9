#include "retrieval/field_values.h"

#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace foraker::retrieval {

Value ToValue(const index::FieldValue& value) {
  return std::visit(
      [](const auto& v) -> Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, index::Timestamp>) {
          return absl::FromUnixMicros(v.micros);
        } else {
          return v;
        }
      },
      value);
}

index::FieldValue ToFieldValue(const Value& value) {
  return std::visit(
      [](const auto& v) -> index::FieldValue {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, absl::Time>) {
          return index::Timestamp{absl::ToUnixMicros(v)};
        } else {
          return v;
        }
      },
      value);
}

absl::StatusOr<std::vector<index::Field>> ToFields(const FieldValues& values) {
  std::vector<index::Field> fields;
  std::set<std::string_view> names;
  for (const auto& [name, given] : values) {
    if (name.empty() || name.size() > kMaxFieldNameBytes || name == kIdField) {
      return absl::InvalidArgumentError(
          absl::StrFormat("field \"%s\": expected a name of 1 to %d bytes that is not \"%s\"", name,
                          kMaxFieldNameBytes, kIdField));
    }
    if (!names.insert(name).second) {
      return absl::InvalidArgumentError(absl::StrFormat("field \"%s\" occurs twice", name));
    }
    if (given.empty()) continue;
    index::Field& field = fields.emplace_back();
    field.name = name;
    for (const Value& value : given) field.values.push_back(ToFieldValue(value));
  }
  return fields;
}

FieldValues ToFieldValues(const std::vector<index::Field>& fields) {
  FieldValues converted;
  converted.reserve(fields.size());
  for (const index::Field& field : fields) {
    std::vector<Value> values;
    values.reserve(field.values.size());
    for (const index::FieldValue& value : field.values) values.push_back(ToValue(value));
    converted.emplace_back(field.name, std::move(values));
  }
  return converted;
}

}  // namespace foraker::retrieval
