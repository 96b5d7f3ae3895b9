#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "foraker/v1/agent.grpc.pb.h"
#include "services/server/ask_stream.h"
#include "services/server/grpc_services.h"

namespace foraker::server {
namespace {

class AgentService final : public v1::Agent::CallbackService {
 public:
  AgentService(AgentApi& api, CallRunner& runner) : api_(api), runner_(runner) {}

  grpc::ServerWriteReactor<v1::AskResponse>* Ask(grpc::CallbackServerContext* context,
                                                 const v1::AskRequest* request) override {
    return StartAskStream(api_, runner_, *context, *request);
  }

 private:
  AgentApi& api_;
  CallRunner& runner_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAgentService(const Apis& apis, const Runners& runners) {
  return std::make_unique<AgentService>(apis.agent, runners.agent);
}

}  // namespace foraker::server
