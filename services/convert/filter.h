// Filters between the wire and the structs.

#ifndef FORAKER_SERVICES_CONVERT_FILTER_H_
#define FORAKER_SERVICES_CONVERT_FILTER_H_

#include "absl/status/statusor.h"
#include "foraker/v1/collection.pb.h"
#include "retrieval/api/searcher.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

// kInvalidArgument names the condition; `depth_left` bounds the nesting.
absl::StatusOr<retrieval::Filter> FromProto(const v1::Filter& from, const FieldPath& path,
                                            size_t depth_left);
void ToProto(const retrieval::Filter& from, v1::Filter& to);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_FILTER_H_
