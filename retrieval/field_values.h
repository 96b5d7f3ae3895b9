// Values of fields as clients speak of them (retrieval/api) and as the index holds them: the same
// types, but that a time is an absl::Time there and microseconds here. Pure functions.

#ifndef FORAKER_RETRIEVAL_FIELD_VALUES_H_
#define FORAKER_RETRIEVAL_FIELD_VALUES_H_

#include <vector>

#include "index/segment/document.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

Value ToValue(const index::FieldValue& value);
index::FieldValue ToFieldValue(const Value& value);  // times are rounded down to microseconds

FieldValues ToFieldValues(const std::vector<index::Field>& fields);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_FIELD_VALUES_H_
