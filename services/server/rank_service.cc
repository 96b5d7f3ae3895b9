#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "foraker/v1/rank.grpc.pb.h"
#include "services/server/grpc_call.h"
#include "services/server/grpc_services.h"

namespace foraker::server {
namespace {

class RankService final : public v1::Rank::CallbackService {
 public:
  RankService(RankApi& api, const Runners& runners)
      : api_(api), rank_(runners.rank), read_(runners.read) {}

  grpc::ServerUnaryReactor* Rank(grpc::CallbackServerContext* context,
                                 const v1::RankRequest* request,
                                 v1::RankResponse* response) override {
    const auto work = [this, request, response](Call& call) {
      return api_.Rank(*request, call, *response);
    };
    return RunGrpcCall(rank_, "Rank", *context, work, {.bytes = request->ByteSizeLong()});
  }

  grpc::ServerUnaryReactor* GetRankModel(grpc::CallbackServerContext* context,
                                         const v1::GetRankModelRequest* request,
                                         v1::RankModel* response) override {
    return RunGrpcCall(read_, "GetRankModel", *context, [this, request, response](Call& call) {
      return api_.GetRankModel(*request, call, *response);
    });
  }

 private:
  RankApi& api_;
  CallRunner& rank_;
  CallRunner& read_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRankService(const Apis& apis, const Runners& runners) {
  return std::make_unique<RankService>(apis.rank, runners);
}

}  // namespace foraker::server
