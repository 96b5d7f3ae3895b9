#include "retrieval/field_values.h"

#include <type_traits>
#include <utility>
#include <variant>

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
