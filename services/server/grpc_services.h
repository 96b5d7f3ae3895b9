// The gRPC services of foraker.v1.

#ifndef FORAKER_SERVICES_SERVER_GRPC_SERVICES_H_
#define FORAKER_SERVICES_SERVER_GRPC_SERVICES_H_

#include <memory>

#include "services/server/apis.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace foraker::server {

// The services borrow what their arguments refer to.
std::unique_ptr<grpc::Service> MakeSearchService(const Apis& apis, const Runners& runners);
std::unique_ptr<grpc::Service> MakeIndexService(const Apis& apis, const Runners& runners);
std::unique_ptr<grpc::Service> MakeRankService(const Apis& apis, const Runners& runners);
std::unique_ptr<grpc::Service> MakeAgentService(const Apis& apis, const Runners& runners);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_GRPC_SERVICES_H_
