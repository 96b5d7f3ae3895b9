// Search requests between the wire and the structs. Limits of size that retrieval::CheckLimits
// checks under the same name are left to it; what the wire calls otherwise is checked here.

#ifndef FORAKER_SERVICES_CONVERT_SEARCH_REQUEST_H_
#define FORAKER_SERVICES_CONVERT_SEARCH_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "foraker/v1/search.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/repeated_field.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/searcher.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

// Parts of a document that a reply holds.
struct ReadMask {
  bool title = true, text = true, fields = true;
};

// An empty mask gives `unset`. kInvalidArgument names the path that is none.
absl::StatusOr<ReadMask> FromProto(const google::protobuf::FieldMask& from, ReadMask unset,
                                   const FieldPath& path);
void ToProto(const ReadMask& from, google::protobuf::FieldMask& to);

// `arrival` is when the request came: time_limit counts from it. kInvalidArgument names the path
// of the field; unknown fields are the caller's to check (services/convert/unknown_fields.h).
absl::StatusOr<retrieval::SearchRequest> FromProto(const v1::SearchRequest& from,
                                                   absl::Time arrival,
                                                   const retrieval::RequestLimits& limits,
                                                   const FieldPath& path = FieldPath());

// `now` turns the deadline into a time_limit.
void ToProto(const retrieval::SearchRequest& from, absl::Time now, v1::SearchRequest& to);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_SEARCH_REQUEST_H_
