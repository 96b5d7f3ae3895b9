#include "services/client/remote_administrator.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "base/status.h"
#include "foraker/v1/index.grpc.pb.h"
#include "retrieval/settings_changes.h"
#include "services/client/grpc_attempt.h"
#include "services/convert/administration.h"

namespace foraker::client {
namespace {

using Stub = v1::Index::Stub;

class RemoteAdministrator final : public retrieval::Administrator {
 public:
  explicit RemoteAdministrator(std::shared_ptr<grpc::Channel> channel)
      : stub_(v1::Index::NewStub(std::move(channel))) {}

  absl::Status CreateCollection(const retrieval::CreateRequest& request) override {
    v1::CreateCollectionRequest message;
    convert::ToProto(request, message);
    return Invoke(&Stub::CreateCollection, message);
  }

  absl::Status DropCollection(std::string_view collection) override {
    return InvokeOn(&Stub::DropCollection, collection);
  }

  absl::Status UpdateSettings(std::string_view collection,
                              const retrieval::SettingChanges& settings) override {
    v1::UpdateCollectionRequest message;
    message.set_collection(std::string(collection));
    convert::ToSettings(settings, *message.mutable_settings());
    return Invoke(&Stub::UpdateCollection, message);
  }

  absl::Status PublishIdf(std::string_view collection) override {
    return InvokeOn(&Stub::PublishIdf, collection);
  }

  absl::Status SetAlias(std::string_view alias, std::string_view collection) override {
    v1::SetAliasRequest message;
    message.set_alias(std::string(alias));
    message.set_collection(std::string(collection));
    return Invoke(&Stub::SetAlias, message);
  }
  absl::Status RemoveAlias(std::string_view alias) override { return SetAlias(alias, ""); }

  absl::Status CreateSnapshot(std::string_view collection, std::string_view snapshot) override {
    v1::CreateSnapshotRequest message;
    message.set_snapshot_name(std::string(snapshot));
    return InvokeOn(&Stub::CreateSnapshot, collection, message);
  }
  absl::Status DropSnapshot(std::string_view collection, std::string_view snapshot) override {
    v1::DropSnapshotRequest message;
    message.set_snapshot_name(std::string(snapshot));
    return InvokeOn(&Stub::DropSnapshot, collection, message);
  }
  absl::Status RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                               std::string_view as) override {
    v1::RestoreSnapshotRequest message;
    message.set_snapshot_name(std::string(snapshot));
    message.set_new_collection(std::string(as));
    return InvokeOn(&Stub::RestoreSnapshot, collection, message);
  }
  absl::Status ImportSnapshot(std::string_view directory, std::string_view collection) override {
    v1::ImportSnapshotRequest message;
    message.set_directory(std::string(directory));
    return InvokeOn(&Stub::ImportSnapshot, collection, message);
  }

  absl::Status Flush(std::string_view collection) override {
    return InvokeOn(&Stub::FlushCollection, collection);
  }
  absl::Status Compact(std::string_view collection) override {
    return InvokeOn(&Stub::CompactCollection, collection);
  }

  absl::Status Attach(const retrieval::AttachRequest& request) override {
    v1::AttachShardsRequest message;
    convert::ToProto(request, message);
    return Invoke(&Stub::AttachShards, message);
  }

  absl::Status Rebuild(const retrieval::RebuildRequest& request,
                       const retrieval::OnProgress& on_progress,
                       const std::atomic<bool>* cancel) override {
    v1::RebuildCollectionRequest message;
    convert::ToProto(request, message);
    grpc::ClientContext context;
    const auto stream = stub_->RebuildCollection(&context, message);
    v1::RebuildProgress progress;
    // Progress comes about once a second; a wish to stop waits no longer.
    while (stream->Read(&progress)) {
      if (cancel != nullptr && *cancel) context.TryCancel();
      if (on_progress) on_progress(convert::FromProto(progress));
    }
    return AttemptOf(stream->Finish(), context).status;
  }

 private:
  template <typename In, typename Out>
  absl::Status Invoke(grpc::Status (Stub::*method)(grpc::ClientContext*, const In&, Out*),
                      const In& request) {
    Out response;
    return Try(*stub_, method, request, response).status;
  }

  template <typename In, typename Out>
  absl::Status InvokeOn(grpc::Status (Stub::*method)(grpc::ClientContext*, const In&, Out*),
                        std::string_view collection, In request = In()) {
    request.set_collection(std::string(collection));
    return Invoke(method, request);
  }

  const std::unique_ptr<Stub> stub_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<retrieval::Administrator>> ConnectAdministrator(
    const ServerOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, OpenChannel(options));
  return std::make_unique<RemoteAdministrator>(std::move(channel));
}

}  // namespace foraker::client
