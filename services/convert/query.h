// Queries between the wire and the structs.

#ifndef FORAKER_SERVICES_CONVERT_QUERY_H_
#define FORAKER_SERVICES_CONVERT_QUERY_H_

#include "absl/status/statusor.h"
#include "foraker/v1/search.pb.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/searcher.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

// kInvalidArgument names the path: "query.sparse_vector.terms[3].weight: ...".
absl::StatusOr<retrieval::Query> FromProto(const v1::Query& from, const FieldPath& path,
                                           const retrieval::RequestLimits& limits);
void ToProto(const retrieval::Query& from, v1::Query& to);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_QUERY_H_
