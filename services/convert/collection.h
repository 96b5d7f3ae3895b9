// Collections and leases between the structs and the wire.

#ifndef FORAKER_SERVICES_CONVERT_COLLECTION_H_
#define FORAKER_SERVICES_CONVERT_COLLECTION_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "foraker/v1/collection.pb.h"
#include "retrieval/api/searcher.h"

namespace foraker::convert {

// "keyword", "integer", ...; unspecified and the empty string stand for what is none.
v1::FieldType FieldTypeOf(std::string_view name);
std::string FieldTypeName(v1::FieldType type);

void ToProto(const retrieval::CollectionSummary& from, v1::Collection& to);
retrieval::CollectionSummary FromProto(const v1::Collection& from);

void ToProto(const retrieval::PinnedSnapshot& from, v1::SnapshotLease& to);
absl::StatusOr<retrieval::PinnedSnapshot> FromProto(const v1::SnapshotLease& from);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_COLLECTION_H_
