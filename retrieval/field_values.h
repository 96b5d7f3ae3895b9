// Values of fields as clients speak of them (retrieval/api) and as the index holds them: the same
// types, but that a time is an absl::Time there and microseconds here. Pure functions.
//
// Errors: kInvalidArgument names the field.

#ifndef FORAKER_RETRIEVAL_FIELD_VALUES_H_
#define FORAKER_RETRIEVAL_FIELD_VALUES_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

inline constexpr std::string_view kIdField = "_id";  // a document's id, in filters
inline constexpr size_t kMaxFieldNameBytes = 255;

Value ToValue(const index::FieldValue& value);
index::FieldValue ToFieldValue(const Value& value);  // times are rounded down to microseconds

// As a document has them: a field without values is left out; a name is not given twice, is no
// longer than kMaxFieldNameBytes and not kIdField.
absl::StatusOr<std::vector<index::Field>> ToFields(const FieldValues& values);

FieldValues ToFieldValues(const std::vector<index::Field>& fields);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_FIELD_VALUES_H_
