#include "services/client/remote_writer.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "base/status.h"
#include "foraker/v1/index.grpc.pb.h"
#include "services/client/grpc_attempt.h"
#include "services/client/request_id.h"
#include "services/client/retry.h"
#include "services/convert/write.h"

namespace foraker::client {
namespace {

class RemoteWriter final : public retrieval::Writer {
 public:
  RemoteWriter(std::shared_ptr<grpc::Channel> channel, absl::Duration patience)
      : stub_(v1::Index::NewStub(std::move(channel))), patience_(patience) {}

  absl::StatusOr<retrieval::WriteReply> Write(const retrieval::WriteRequest& request) override {
    v1::WriteDocumentsRequest message;
    convert::ToProto(request, message);
    if (message.request_id().empty()) message.set_request_id(NewRequestId());
    v1::WriteDocumentsResponse response;
    RETURN_IF_ERROR(WithRetries(patience_, [&] {
      return Try(*stub_, &v1::Index::Stub::WriteDocuments, message, response, request.deadline);
    }));
    return convert::FromProto(response);
  }

  // Deleting again what is gone deletes nothing.
  absl::StatusOr<retrieval::DeleteMatchingReply> DeleteMatching(
      const retrieval::DeleteMatchingRequest& request) override {
    v1::DeleteDocumentsRequest message;
    convert::ToProto(request, message);
    v1::DeleteDocumentsResponse response;
    RETURN_IF_ERROR(WithRetries(patience_, [&] {
      return Try(*stub_, &v1::Index::Stub::DeleteDocuments, message, response, request.deadline);
    }));
    return retrieval::DeleteMatchingReply{response.deleted_count(), response.sequence()};
  }

  // Waits that the server asks for are kept here.
  absl::Duration RetryAfter(std::string_view) const override { return absl::ZeroDuration(); }

 private:
  const std::unique_ptr<v1::Index::Stub> stub_;
  const absl::Duration patience_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<retrieval::Writer>> ConnectWriter(const ServerOptions& options,
                                                                 absl::Duration patience) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, OpenChannel(options));
  return std::make_unique<RemoteWriter>(std::move(channel), patience);
}

}  // namespace foraker::client
