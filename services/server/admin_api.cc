#include "services/server/admin_api.h"

#include <memory>

#include "base/status.h"
#include "services/convert/administration.h"
#include "services/convert/collection.h"
#include "services/convert/field_path.h"
#include "services/convert/unknown_fields.h"

namespace foraker::server {
namespace {

using convert::FieldPath;
using AdministratorPtr = std::shared_ptr<retrieval::Administrator>;

// What every method begins with: may the caller, is there a writer, is the request of this version,
// does it name its collection.
template <typename Request>
absl::StatusOr<AdministratorPtr> Begin(const Request& request, const DataSlot& slot, Call& call) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(AdministratorPtr administrator, slot.Administrator());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(FieldPath().Field("collection").Required(request.collection()));
  return administrator;
}

template <typename Request>
absl::Status CheckSnapshotName(const Request& request) {
  return FieldPath().Field("snapshot_name").Required(request.snapshot_name());
}

}  // namespace

absl::Status AdminApi::Describe(const std::string& collection, v1::Collection& response) const {
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  ASSIGN_OR_RETURN(const retrieval::CollectionSummary summary, searcher->Describe(collection));
  convert::ToProto(summary, response);
  return absl::OkStatus();
}

absl::Status AdminApi::CreateCollection(const v1::CreateCollectionRequest& request, Call& call,
                                        v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  ASSIGN_OR_RETURN(const retrieval::CreateRequest create, convert::FromProto(request, limits_));
  RETURN_IF_ERROR(administrator->CreateCollection(create));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::DropCollection(const v1::DropCollectionRequest& request, Call& call,
                                      v1::DropCollectionResponse&) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  return administrator->DropCollection(request.collection());
}

absl::Status AdminApi::UpdateCollection(const v1::UpdateCollectionRequest& request, Call& call,
                                        v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  const FieldPath path;
  ASSIGN_OR_RETURN(const convert::NamedSettings settings,
                   convert::FromSettings(request.settings(), path.Field("settings"), limits_));
  RETURN_IF_ERROR(administrator->UpdateSettings(request.collection(), settings));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::PublishIdf(const v1::PublishIdfRequest& request, Call& call,
                                  v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(administrator->PublishIdf(request.collection()));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::SetAlias(const v1::SetAliasRequest& request, Call& call,
                                v1::SetAliasResponse&) {
  const bool remove = request.collection().empty();
  RETURN_IF_ERROR(call.Use(request.alias()));
  if (!remove) RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, slot_.Administrator());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(FieldPath().Field("alias").Required(request.alias()));
  return remove ? administrator->RemoveAlias(request.alias())
                : administrator->SetAlias(request.alias(), request.collection());
}

absl::Status AdminApi::CreateSnapshot(const v1::CreateSnapshotRequest& request, Call& call,
                                      v1::CreateSnapshotResponse&) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(CheckSnapshotName(request));
  return administrator->CreateSnapshot(request.collection(), request.snapshot_name());
}

absl::Status AdminApi::DropSnapshot(const v1::DropSnapshotRequest& request, Call& call,
                                    v1::DropSnapshotResponse&) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(CheckSnapshotName(request));
  return administrator->DropSnapshot(request.collection(), request.snapshot_name());
}

absl::Status AdminApi::RestoreSnapshot(const v1::RestoreSnapshotRequest& request, Call& call,
                                       v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(CheckSnapshotName(request));
  const std::string& as = request.new_collection();
  if (!as.empty()) RETURN_IF_ERROR(call.Use(as));
  RETURN_IF_ERROR(
      administrator->RestoreSnapshot(request.collection(), request.snapshot_name(), as));
  return Describe(as.empty() ? request.collection() : as, response);
}

absl::Status AdminApi::ImportSnapshot(const v1::ImportSnapshotRequest& request, Call& call,
                                      v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(FieldPath().Field("directory").Required(request.directory()));
  RETURN_IF_ERROR(administrator->ImportSnapshot(request.directory(), request.collection()));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::FlushCollection(const v1::FlushCollectionRequest& request, Call& call,
                                       v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(administrator->Flush(request.collection()));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::CompactCollection(const v1::CompactCollectionRequest& request, Call& call,
                                         v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  RETURN_IF_ERROR(administrator->Compact(request.collection()));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::AttachShards(const v1::AttachShardsRequest& request, Call& call,
                                    v1::Collection& response) {
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, Begin(request, slot_, call));
  ASSIGN_OR_RETURN(const retrieval::AttachRequest attach, convert::FromProto(request, limits_));
  RETURN_IF_ERROR(administrator->Attach(attach));
  return Describe(request.collection(), response);
}

absl::Status AdminApi::RebuildCollection(const v1::RebuildCollectionRequest& request, Call& call,
                                         const retrieval::OnProgress& on_progress,
                                         const std::atomic<bool>& cancel) {
  RETURN_IF_ERROR(call.Use(request.alias()));
  RETURN_IF_ERROR(call.Use(request.new_collection()));
  ASSIGN_OR_RETURN(const AdministratorPtr administrator, slot_.Administrator());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  ASSIGN_OR_RETURN(const retrieval::RebuildRequest rebuild, convert::FromProto(request, limits_));
  return administrator->Rebuild(rebuild, on_progress, &cancel);
}

}  // namespace foraker::server
