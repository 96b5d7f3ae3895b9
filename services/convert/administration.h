// What is asked of collections as wholes, between the wire and the structs.

#ifndef FORAKER_SERVICES_CONVERT_ADMINISTRATION_H_
#define FORAKER_SERVICES_CONVERT_ADMINISTRATION_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "foraker/v1/index.pb.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/limits.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

using SettingsMap = google::protobuf::Map<std::string, std::string>;
using NamedSettings = std::vector<std::pair<std::string, std::string>>;

// By name. kInvalidArgument when there are more than the limit.
absl::StatusOr<NamedSettings> FromSettings(const SettingsMap& from, const FieldPath& path,
                                           const retrieval::RequestLimits& limits);
void ToSettings(const NamedSettings& from, SettingsMap& to);

absl::StatusOr<retrieval::CreateRequest> FromProto(const v1::CreateCollectionRequest& from,
                                                   const retrieval::RequestLimits& limits);
void ToProto(const retrieval::CreateRequest& from, v1::CreateCollectionRequest& to);

absl::StatusOr<retrieval::AttachRequest> FromProto(const v1::AttachShardsRequest& from,
                                                   const retrieval::RequestLimits& limits);
void ToProto(const retrieval::AttachRequest& from, v1::AttachShardsRequest& to);

absl::StatusOr<retrieval::RebuildRequest> FromProto(const v1::RebuildCollectionRequest& from,
                                                    const retrieval::RequestLimits& limits);
void ToProto(const retrieval::RebuildRequest& from, v1::RebuildCollectionRequest& to);

void ToProto(const retrieval::Progress& from, v1::RebuildProgress& to);
retrieval::Progress FromProto(const v1::RebuildProgress& from);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_ADMINISTRATION_H_
