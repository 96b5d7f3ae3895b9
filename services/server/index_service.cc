#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "foraker/v1/index.grpc.pb.h"
#include "services/server/grpc_call.h"
#include "services/server/grpc_services.h"

namespace foraker::server {
namespace {

class IndexService final : public v1::Index::CallbackService {
 public:
  IndexService(IndexApi& api, CallRunner& runner) : api_(api), runner_(runner) {}

  grpc::ServerUnaryReactor* GetDocuments(grpc::CallbackServerContext* context,
                                         const v1::GetDocumentsRequest* request,
                                         v1::GetDocumentsResponse* response) override {
    return RunGrpcCall(runner_, "GetDocuments", *context, [this, request, response](Call& call) {
      return api_.GetDocuments(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* ListDocuments(grpc::CallbackServerContext* context,
                                          const v1::ListDocumentsRequest* request,
                                          v1::ListDocumentsResponse* response) override {
    return RunGrpcCall(runner_, "ListDocuments", *context, [this, request, response](Call& call) {
      return api_.ListDocuments(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* ListCollections(grpc::CallbackServerContext* context,
                                            const v1::ListCollectionsRequest* request,
                                            v1::ListCollectionsResponse* response) override {
    return RunGrpcCall(runner_, "ListCollections", *context, [this, request, response](Call& call) {
      return api_.ListCollections(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* GetCollection(grpc::CallbackServerContext* context,
                                          const v1::GetCollectionRequest* request,
                                          v1::Collection* response) override {
    return RunGrpcCall(runner_, "GetCollection", *context, [this, request, response](Call& call) {
      return api_.GetCollection(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* Pin(grpc::CallbackServerContext* context, const v1::PinRequest* request,
                                v1::SnapshotLease* response) override {
    return RunGrpcCall(runner_, "Pin", *context, [this, request, response](Call& call) {
      return api_.Pin(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* Release(grpc::CallbackServerContext* context,
                                    const v1::ReleaseRequest* request,
                                    v1::ReleaseResponse* response) override {
    return RunGrpcCall(runner_, "Release", *context, [this, request, response](Call& call) {
      return api_.Release(*request, call, *response);
    });
  }

 private:
  IndexApi& api_;
  CallRunner& runner_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIndexService(IndexApi& api, CallRunner& runner) {
  return std::make_unique<IndexService>(api, runner);
}

}  // namespace foraker::server
