#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "foraker/v1/search.grpc.pb.h"
#include "services/server/grpc_call.h"
#include "services/server/grpc_services.h"

namespace foraker::server {
namespace {

class SearchService final : public v1::Search::CallbackService {
 public:
  SearchService(SearchApi& api, const Runners& runners)
      : api_(api), runners_(runners), runner_(runners.read) {}

  grpc::ServerUnaryReactor* Search(grpc::CallbackServerContext* context,
                                   const v1::SearchRequest* request,
                                   v1::SearchResponse* response) override {
    const auto work = [this, request, response](Call& call) {
      return api_.Search(*request, call, *response);
    };
    return RunGrpcCall(runners_.ForSearch(*request), "Search", *context, work,
                       {.bytes = request->ByteSizeLong()});
  }

  grpc::ServerUnaryReactor* BatchSearch(grpc::CallbackServerContext* context,
                                        const v1::BatchSearchRequest* request,
                                        v1::BatchSearchResponse* response) override {
    const auto work = [this, request, response](Call& call) {
      return api_.BatchSearch(*request, call, *response);
    };
    const auto searches = static_cast<uint32_t>(request->requests_size());
    return RunGrpcCall(runners_.ForSearch(*request), "BatchSearch", *context, work,
                       {request->ByteSizeLong(), searches});
  }

  grpc::ServerUnaryReactor* PredictPostings(grpc::CallbackServerContext* context,
                                            const v1::PredictPostingsRequest* request,
                                            v1::PredictPostingsResponse* response) override {
    return RunGrpcCall(runner_, "PredictPostings", *context, [this, request, response](Call& call) {
      return api_.PredictPostings(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* Analyze(grpc::CallbackServerContext* context,
                                    const v1::AnalyzeRequest* request,
                                    v1::AnalyzeResponse* response) override {
    return RunGrpcCall(runner_, "Analyze", *context, [this, request, response](Call& call) {
      return api_.Analyze(*request, call, *response);
    });
  }

  grpc::ServerUnaryReactor* Links(grpc::CallbackServerContext* context,
                                  const v1::LinksRequest* request,
                                  v1::LinksResponse* response) override {
    return RunGrpcCall(runner_, "Links", *context, [this, request, response](Call& call) {
      return api_.Links(*request, call, *response);
    });
  }

 private:
  SearchApi& api_;
  const Runners runners_;
  CallRunner& runner_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSearchService(const Apis& apis, const Runners& runners) {
  return std::make_unique<SearchService>(apis.search, runners);
}

}  // namespace foraker::server
