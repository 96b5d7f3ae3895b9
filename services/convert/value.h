// Field values, byte ranges, terms, documents and times between the wire and the structs.
//
// FromProto of what a client sends checks it (kInvalidArgument naming the path); FromProto of what
// a server replied, on the client's side, takes it as it is.

#ifndef FORAKER_SERVICES_CONVERT_VALUE_H_
#define FORAKER_SERVICES_CONVERT_VALUE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "foraker/v1/collection.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "retrieval/api/searcher.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

absl::StatusOr<retrieval::Value> FromProto(const v1::Value& from, const FieldPath& path);
void ToProto(const retrieval::Value& from, v1::Value& to);

absl::StatusOr<absl::Time> FromProto(const google::protobuf::Timestamp& from,
                                     const FieldPath& path);
void ToProto(absl::Time from, google::protobuf::Timestamp& to);
absl::StatusOr<absl::Duration> FromProto(const google::protobuf::Duration& from,
                                         const FieldPath& path);
void ToProto(absl::Duration from, google::protobuf::Duration& to);

retrieval::ByteRange FromProto(const v1::ByteRange& from);
void ToProto(const retrieval::ByteRange& from, v1::ByteRange& to);

// Kind ("token", "stem", "title", "imported") and name of a term in a reply.
std::pair<std::string, std::string> FromProto(const v1::Term& from);
void TermToProto(std::string_view kind, std::string_view name, v1::Term& to);

// Replies only.
absl::StatusOr<retrieval::DocumentView> FromProto(const v1::Document& from);
void ToProto(const retrieval::DocumentView& from, v1::Document& to);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_VALUE_H_
