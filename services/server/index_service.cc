#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "foraker/v1/index.grpc.pb.h"
#include "services/server/grpc_call.h"
#include "services/server/grpc_services.h"
#include "services/server/rebuild_stream.h"
#include "services/server/write_stream.h"

namespace foraker::server {
namespace {

class IndexService final : public v1::Index::CallbackService {
 public:
  IndexService(const Apis& apis, const Runners& runners) : apis_(apis), runners_(runners) {}

  grpc::ServerUnaryReactor* GetDocuments(grpc::CallbackServerContext* context,
                                         const v1::GetDocumentsRequest* request,
                                         v1::GetDocumentsResponse* response) override {
    return Run(runners_.read, "GetDocuments", *context, apis_.index, &IndexApi::GetDocuments,
               *request, *response);
  }
  grpc::ServerUnaryReactor* ListDocuments(grpc::CallbackServerContext* context,
                                          const v1::ListDocumentsRequest* request,
                                          v1::ListDocumentsResponse* response) override {
    return Run(runners_.read, "ListDocuments", *context, apis_.index, &IndexApi::ListDocuments,
               *request, *response);
  }
  grpc::ServerUnaryReactor* ListCollections(grpc::CallbackServerContext* context,
                                            const v1::ListCollectionsRequest* request,
                                            v1::ListCollectionsResponse* response) override {
    return Run(runners_.read, "ListCollections", *context, apis_.index, &IndexApi::ListCollections,
               *request, *response);
  }
  grpc::ServerUnaryReactor* GetCollection(grpc::CallbackServerContext* context,
                                          const v1::GetCollectionRequest* request,
                                          v1::Collection* response) override {
    return Run(runners_.read, "GetCollection", *context, apis_.index, &IndexApi::GetCollection,
               *request, *response);
  }
  grpc::ServerUnaryReactor* Pin(grpc::CallbackServerContext* context, const v1::PinRequest* request,
                                v1::SnapshotLease* response) override {
    return Run(runners_.read, "Pin", *context, apis_.index, &IndexApi::Pin, *request, *response);
  }
  grpc::ServerUnaryReactor* Release(grpc::CallbackServerContext* context,
                                    const v1::ReleaseRequest* request,
                                    v1::ReleaseResponse* response) override {
    return Run(runners_.read, "Release", *context, apis_.index, &IndexApi::Release, *request,
               *response);
  }

  // ---- writing documents ----

  grpc::ServerUnaryReactor* WriteDocuments(grpc::CallbackServerContext* context,
                                           const v1::WriteDocumentsRequest* request,
                                           v1::WriteDocumentsResponse* response) override {
    const CallSize size = {request->ByteSizeLong(), static_cast<uint32_t>(request->writes_size())};
    return Run(runners_.write, "WriteDocuments", *context, apis_.write, &WriteApi::WriteDocuments,
               *request, *response, size);
  }
  grpc::ServerBidiReactor<v1::WriteDocumentsRequest, v1::WriteDocumentsResponse>* StreamDocuments(
      grpc::CallbackServerContext* context) override {
    return StartWriteStream(apis_.write, runners_.write, *context);
  }
  grpc::ServerUnaryReactor* DeleteDocuments(grpc::CallbackServerContext* context,
                                            const v1::DeleteDocumentsRequest* request,
                                            v1::DeleteDocumentsResponse* response) override {
    return Run(runners_.write, "DeleteDocuments", *context, apis_.write, &WriteApi::DeleteDocuments,
               *request, *response);
  }

  // ---- collections ----

  grpc::ServerUnaryReactor* CreateCollection(grpc::CallbackServerContext* context,
                                             const v1::CreateCollectionRequest* request,
                                             v1::Collection* response) override {
    return Run(runners_.admin, "CreateCollection", *context, apis_.admin,
               &AdminApi::CreateCollection, *request, *response);
  }
  grpc::ServerUnaryReactor* DropCollection(grpc::CallbackServerContext* context,
                                           const v1::DropCollectionRequest* request,
                                           v1::DropCollectionResponse* response) override {
    return Run(runners_.admin, "DropCollection", *context, apis_.admin, &AdminApi::DropCollection,
               *request, *response);
  }
  grpc::ServerUnaryReactor* UpdateCollection(grpc::CallbackServerContext* context,
                                             const v1::UpdateCollectionRequest* request,
                                             v1::Collection* response) override {
    return Run(runners_.admin, "UpdateCollection", *context, apis_.admin,
               &AdminApi::UpdateCollection, *request, *response);
  }
  grpc::ServerUnaryReactor* PublishIdf(grpc::CallbackServerContext* context,
                                       const v1::PublishIdfRequest* request,
                                       v1::Collection* response) override {
    return Run(runners_.admin, "PublishIdf", *context, apis_.admin, &AdminApi::PublishIdf, *request,
               *response);
  }
  grpc::ServerUnaryReactor* SetAlias(grpc::CallbackServerContext* context,
                                     const v1::SetAliasRequest* request,
                                     v1::SetAliasResponse* response) override {
    return Run(runners_.admin, "SetAlias", *context, apis_.admin, &AdminApi::SetAlias, *request,
               *response);
  }
  grpc::ServerUnaryReactor* CreateSnapshot(grpc::CallbackServerContext* context,
                                           const v1::CreateSnapshotRequest* request,
                                           v1::CreateSnapshotResponse* response) override {
    return Run(runners_.admin, "CreateSnapshot", *context, apis_.admin, &AdminApi::CreateSnapshot,
               *request, *response);
  }
  grpc::ServerUnaryReactor* DropSnapshot(grpc::CallbackServerContext* context,
                                         const v1::DropSnapshotRequest* request,
                                         v1::DropSnapshotResponse* response) override {
    return Run(runners_.admin, "DropSnapshot", *context, apis_.admin, &AdminApi::DropSnapshot,
               *request, *response);
  }
  grpc::ServerUnaryReactor* RestoreSnapshot(grpc::CallbackServerContext* context,
                                            const v1::RestoreSnapshotRequest* request,
                                            v1::Collection* response) override {
    return Run(runners_.admin, "RestoreSnapshot", *context, apis_.admin, &AdminApi::RestoreSnapshot,
               *request, *response);
  }
  grpc::ServerUnaryReactor* ImportSnapshot(grpc::CallbackServerContext* context,
                                           const v1::ImportSnapshotRequest* request,
                                           v1::Collection* response) override {
    return Run(runners_.admin, "ImportSnapshot", *context, apis_.admin, &AdminApi::ImportSnapshot,
               *request, *response);
  }
  grpc::ServerUnaryReactor* FlushCollection(grpc::CallbackServerContext* context,
                                            const v1::FlushCollectionRequest* request,
                                            v1::Collection* response) override {
    return Run(runners_.admin, "FlushCollection", *context, apis_.admin, &AdminApi::FlushCollection,
               *request, *response);
  }
  grpc::ServerUnaryReactor* CompactCollection(grpc::CallbackServerContext* context,
                                              const v1::CompactCollectionRequest* request,
                                              v1::Collection* response) override {
    return Run(runners_.admin, "CompactCollection", *context, apis_.admin,
               &AdminApi::CompactCollection, *request, *response);
  }
  grpc::ServerUnaryReactor* AttachShards(grpc::CallbackServerContext* context,
                                         const v1::AttachShardsRequest* request,
                                         v1::Collection* response) override {
    return Run(runners_.admin, "AttachShards", *context, apis_.admin, &AdminApi::AttachShards,
               *request, *response);
  }
  grpc::ServerWriteReactor<v1::RebuildProgress>* RebuildCollection(
      grpc::CallbackServerContext* context, const v1::RebuildCollectionRequest* request) override {
    return StartRebuildStream(apis_.admin, runners_.admin, *context, *request);
  }

 private:
  // One call of a method of `api`.
  template <typename Api, typename In, typename Out>
  static grpc::ServerUnaryReactor* Run(CallRunner& runner, std::string_view method,
                                       grpc::CallbackServerContext& context, Api& api,
                                       absl::Status (Api::*handle)(const In&, Call&, Out&),
                                       const In& in, Out& out, CallSize size = {}) {
    return RunGrpcCall(
        runner, method, context,
        [&api, handle, &in, &out](Call& call) { return (api.*handle)(in, call, out); }, size);
  }

  const Apis apis_;
  const Runners runners_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIndexService(const Apis& apis, const Runners& runners) {
  return std::make_unique<IndexService>(apis, runners);
}

}  // namespace foraker::server
