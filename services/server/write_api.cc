#include "services/server/write_api.h"

#include "base/status.h"
#include "services/convert/field_path.h"
#include "services/convert/unknown_fields.h"
#include "services/convert/write.h"

namespace foraker::server {
namespace {

using convert::FieldPath;

// What a failed write leaves for the client to know.
absl::Status Failed(const absl::Status& status, const retrieval::Writer& writer,
                    const std::string& collection, Call& call) {
  if (absl::IsResourceExhausted(status)) call.retry_after = writer.RetryAfter(collection);
  return status;
}

}  // namespace

absl::Status WriteApi::WriteDocuments(const v1::WriteDocumentsRequest& request, Call& call,
                                      v1::WriteDocumentsResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto writer, slot_.Writer());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(FieldPath().Field("collection").Required(request.collection()));
  ASSIGN_OR_RETURN(retrieval::WriteRequest write, convert::FromProto(request, limits_));
  write.deadline = call.deadline;
  const absl::StatusOr<retrieval::WriteReply> reply = writer->Write(write);
  if (!reply.ok()) return Failed(reply.status(), *writer, request.collection(), call);
  for (const retrieval::WriteOutcome& outcome : reply->outcomes) {
    metrics_.CountWrites(outcome.status.code(), 1);
    if (outcome.status.ok()) ++call.notes.writes;
  }
  convert::ToProto(*reply, response);
  return absl::OkStatus();
}

absl::Status WriteApi::DeleteDocuments(const v1::DeleteDocumentsRequest& request, Call& call,
                                       v1::DeleteDocumentsResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto writer, slot_.Writer());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(FieldPath().Field("collection").Required(request.collection()));
  ASSIGN_OR_RETURN(retrieval::DeleteMatchingRequest matching, convert::FromProto(request, limits_));
  matching.deadline = call.deadline;
  const absl::StatusOr<retrieval::DeleteMatchingReply> reply = writer->DeleteMatching(matching);
  if (!reply.ok()) return Failed(reply.status(), *writer, request.collection(), call);
  metrics_.CountWrites(absl::StatusCode::kOk, reply->deleted);
  call.notes.writes = reply->deleted;
  response.set_deleted_count(reply->deleted);
  response.set_sequence(reply->sequence);
  return absl::OkStatus();
}

}  // namespace foraker::server
