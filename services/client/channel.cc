#include "services/client/channel.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_interceptor.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "services/config/address.h"

namespace foraker::client {
namespace {

using grpc::experimental::ClientInterceptorFactoryInterface;
using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

// Writes the key into the metadata of each call. gRPC's own call credentials refuse to work over
// plain text, which a server on loopback is reached by.
class KeySender final : public Interceptor {
 public:
  explicit KeySender(const std::string& header) : header_(header) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->insert({"authorization", header_});
    }
    methods->Proceed();
  }

 private:
  const std::string& header_;
};

class KeySenderFactory final : public ClientInterceptorFactoryInterface {
 public:
  explicit KeySenderFactory(const std::string& key) : header_("Bearer " + key) {}
  Interceptor* CreateClientInterceptor(ClientRpcInfo*) override {
    return new KeySender(header_);  // gRPC owns it
  }

 private:
  const std::string header_;
};

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const ServerOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError("tls_cert and tls_key belong together: give both, or none");
  }
  if (options.tls_ca.empty() && options.tls_cert.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  if (!options.tls_ca.empty()) {
    ASSIGN_OR_RETURN(tls.pem_root_certs, base::ReadFile(options.tls_ca));
  }
  if (!options.tls_cert.empty()) {
    ASSIGN_OR_RETURN(tls.pem_cert_chain, base::ReadFile(options.tls_cert));
    ASSIGN_OR_RETURN(tls.pem_private_key, base::ReadFile(options.tls_key));
  }
  return grpc::SslCredentials(tls);
}

absl::Status CheckKey(const std::string& key) {
  if (std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("key: expected visible ASCII characters");
}

}  // namespace

absl::Status CannotReach(const std::string& address) {
  return absl::UnavailableError(
      absl::StrFormat("cannot reach %s: is `foraker serve` running there?", address));
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const ServerOptions& options,
                                                           int connection) {
  const auto address = config::ParseAddress(options.address);
  if (!address.ok()) return base::Annotate(address.status(), "server");
  RETURN_IF_ERROR(CheckKey(options.api_key));
  ASSIGN_OR_RETURN(const auto credentials, MakeCredentials(options));
  grpc::ChannelArguments arguments;
  // Replies grow with the hits asked for; the request's limits bound them.
  arguments.SetMaxReceiveMessageSize(-1);
  // Channels whose arguments differ do not share a connection.
  arguments.SetInt("foraker.connection", connection);
  std::vector<std::unique_ptr<ClientInterceptorFactoryInterface>> interceptors;
  if (!options.api_key.empty()) {
    interceptors.push_back(std::make_unique<KeySenderFactory>(options.api_key));
  }
  const std::shared_ptr<grpc::Channel> channel =
      grpc::experimental::CreateCustomChannelWithInterceptors(options.address, credentials,
                                                              arguments, std::move(interceptors));
  // Wait until connected, or until the first attempt has failed.
  const auto give_up = absl::ToChronoTime(absl::Now() + options.connect_timeout);
  for (grpc_connectivity_state state = channel->GetState(true); state != GRPC_CHANNEL_READY;
       state = channel->GetState(true)) {
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || !channel->WaitForStateChange(state, give_up)) {
      return CannotReach(options.address);
    }
  }
  return channel;
}

}  // namespace foraker::client
