// Sparse vectors, of queries and of imported documents, between the wire and the structs.

#ifndef FORAKER_SERVICES_CONVERT_SPARSE_VECTOR_H_
#define FORAKER_SERVICES_CONVERT_SPARSE_VECTOR_H_

#include <vector>

#include "absl/status/statusor.h"
#include "foraker/v1/collection.pb.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/searcher.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

// kInvalidArgument names the path: "query.sparse_vector.terms[3].weight: ...".
absl::StatusOr<std::vector<retrieval::NamedTerm>> FromProto(const v1::SparseVector& from,
                                                            const FieldPath& path,
                                                            const retrieval::RequestLimits& limits);
void ToProto(const std::vector<retrieval::NamedTerm>& from, v1::SparseVector& to);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_SPARSE_VECTOR_H_
