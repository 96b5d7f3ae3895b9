#include "services/server/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/server/grpc_services.h"

namespace foraker::server {
namespace {

// Both register with gRPC as a whole, before the first server is built.
void EnableHealthAndReflection() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

std::shared_ptr<grpc::ServerCredentials> Credentials(const auth::TlsFiles& files) {
  if (!files.enabled()) return grpc::InsecureServerCredentials();
  constexpr unsigned kLookAgainSeconds = 1;
  const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.cert, files.client_ca, kLookAgainSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (files.mutual()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

class RealGrpcServer final : public GrpcServer {
 public:
  RealGrpcServer(const Apis& apis, const Runners& runners)
      : search_(MakeSearchService(apis, runners)),
        index_(MakeIndexService(apis, runners)),
        rank_(MakeRankService(apis, runners)),
        agent_(MakeAgentService(apis, runners)) {}
  ~RealGrpcServer() override { Shutdown(absl::ZeroDuration()); }

  absl::Status Build(const Options& options) {
    EnableHealthAndReflection();
    const std::string address = config::FormatAddress(options.listen);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(address, Credentials(options.tls), &port);
    // Two servers on one port would share its calls at random.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_mib) << 20);
    builder.RegisterService(search_.get());
    builder.RegisterService(index_.get());
    builder.RegisterService(rank_.get());
    builder.RegisterService(agent_.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      return absl::UnavailableError(absl::StrFormat(
          "cannot listen on %s: is another server running there, and is the address of this "
          "machine?",
          address));
    }
    port_ = static_cast<uint16_t>(port);
    SetServing(false, false);
    return absl::OkStatus();
  }

  uint16_t port() const override { return port_; }

  void SetServing(bool serving, bool ranks) override {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    health->SetServingStatus(serving);
    for (const char* service : {"foraker.v1.Search", "foraker.v1.Index", "foraker.v1.Agent"}) {
      health->SetServingStatus(service, serving);
    }
    health->SetServingStatus("foraker.v1.Rank", serving && ranks);
  }

  void Shutdown(absl::Duration drain) override {
    if (server_ == nullptr) return;
    server_->Shutdown(absl::ToChronoTime(absl::Now() + drain));
    server_->Wait();
    server_ = nullptr;
  }

 private:
  const std::unique_ptr<grpc::Service> search_, index_, rank_, agent_;
  std::unique_ptr<grpc::Server> server_;
  uint16_t port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const Options& options,
                                                              const Apis& apis,
                                                              const Runners& runners) {
  auto server = std::make_unique<RealGrpcServer>(apis, runners);
  if (absl::Status status = server->Build(options); !status.ok()) return status;
  return server;
}

}  // namespace foraker::server
