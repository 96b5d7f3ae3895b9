// The gRPC services foraker.v1.Search and foraker.v1.Index.

#ifndef FORAKER_SERVICES_SERVER_GRPC_SERVICES_H_
#define FORAKER_SERVICES_SERVER_GRPC_SERVICES_H_

#include <memory>

#include "services/server/call.h"
#include "services/server/index_api.h"
#include "services/server/search_api.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace foraker::server {

// The services borrow their arguments.
std::unique_ptr<grpc::Service> MakeSearchService(SearchApi& api, CallRunner& runner);
std::unique_ptr<grpc::Service> MakeIndexService(IndexApi& api, CallRunner& runner);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_GRPC_SERVICES_H_
