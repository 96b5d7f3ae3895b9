// Writes and what came of them, between the wire and the structs. Limits of size are the Writer's
// to check (retrieval/api/limits.h); what the wire alone can get wrong is checked here.

#ifndef FORAKER_SERVICES_CONVERT_WRITE_H_
#define FORAKER_SERVICES_CONVERT_WRITE_H_

#include "absl/status/statusor.h"
#include "foraker/v1/index.pb.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/writer.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

// kInvalidArgument names the path: "writes[3].put.fields.year.values[0]: ...". Unknown fields are
// the caller's to check (services/convert/unknown_fields.h).
absl::StatusOr<retrieval::WriteRequest> FromProto(const v1::WriteDocumentsRequest& from,
                                                  const retrieval::RequestLimits& limits);
void ToProto(const retrieval::WriteRequest& from, v1::WriteDocumentsRequest& to);

void ToProto(const retrieval::WriteReply& from, v1::WriteDocumentsResponse& to);
retrieval::WriteReply FromProto(const v1::WriteDocumentsResponse& from);

absl::StatusOr<retrieval::DeleteMatchingRequest> FromProto(const v1::DeleteDocumentsRequest& from,
                                                           const retrieval::RequestLimits& limits);
void ToProto(const retrieval::DeleteMatchingRequest& from, v1::DeleteDocumentsRequest& to);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_WRITE_H_
