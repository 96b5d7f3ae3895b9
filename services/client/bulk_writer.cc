#include "services/client/bulk_writer.h"

#include <grpcpp/grpcpp.h>

#include <deque>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"
#include "foraker/v1/index.grpc.pb.h"
#include "services/client/grpc_attempt.h"
#include "services/client/remote_writer.h"
#include "services/client/request_id.h"
#include "services/client/retry.h"
#include "services/convert/write.h"

namespace foraker::client {
namespace {

// Fewer than the server reads ahead (services/server/write_stream.cc), so that it always takes what
// is sent, replies read or not.
constexpr size_t kWindow = 3;

using Request = v1::WriteDocumentsRequest;
using Response = v1::WriteDocumentsResponse;

class StreamingWriter final : public BulkWriter {
 public:
  StreamingWriter(std::shared_ptr<grpc::Channel> channel, OnReply on_reply)
      : stub_(v1::Index::NewStub(std::move(channel))),
        on_reply_(std::move(on_reply)),
        retries_(kPatience) {}
  ~StreamingWriter() override {
    if (stream_ == nullptr) return;
    context_->TryCancel();
    for (Response unwanted; stream_->Read(&unwanted);) {
    }
    stream_->Finish();
  }

  absl::Status Write(const retrieval::WriteRequest& batch) override {
    Request& message = unanswered_.emplace_back();
    convert::ToProto(batch, message);
    if (message.request_id().empty()) message.set_request_id(NewRequestId());
    do {
      RETURN_IF_ERROR(Step());
    } while (unanswered_.size() >= kWindow);
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    while (!unanswered_.empty()) RETURN_IF_ERROR(Step());
    if (stream_ == nullptr) return absl::OkStatus();
    stream_->WritesDone();
    return End().status;
  }

 private:
  // Sends what is not sent; reads a reply when as much is under way as may be, or all that there
  // will be.
  absl::Status Step() {
    if (stream_ == nullptr) {
      context_.emplace();
      stream_ = stub_->StreamDocuments(&*context_);
      sent_ = 0;
    }
    while (sent_ < unanswered_.size()) {
      if (!stream_->Write(unanswered_[sent_])) return Broken();
      ++sent_;
      if (unanswered_.size() < kWindow) return absl::OkStatus();
    }
    Response response;
    return stream_->Read(&response) ? Take(response) : Broken();
  }

  // The reply to the first batch without one.
  absl::Status Take(const Response& response) {
    if (sent_ == 0) return absl::InternalError("the server sent a reply to nothing");
    retries_.Succeeded();
    unanswered_.pop_front();
    --sent_;
    return on_reply_(convert::FromProto(response));
  }

  // The stream ended too early: OK when it may be opened again.
  absl::Status Broken() {
    // Replies that came before the end; the status comes only once they are read.
    for (Response response; stream_->Read(&response);) RETURN_IF_ERROR(Take(response));
    Attempt attempt = End();
    // A server that stops ends streams in either way.
    if (attempt.status.ok() || absl::IsCancelled(attempt.status)) {
      attempt.status = absl::UnavailableError("the server ended the stream");
    }
    const std::optional<absl::Duration> wait = retries_.After(attempt);
    if (!wait.has_value()) return attempt.status;
    absl::SleepFor(*wait);
    return absl::OkStatus();
  }

  Attempt End() {
    const grpc::Status status = stream_->Finish();
    stream_ = nullptr;
    return AttemptOf(status, *context_);
  }

  const std::unique_ptr<v1::Index::Stub> stub_;
  const OnReply on_reply_;
  Retries retries_;
  std::deque<Request> unanswered_;  // the first `sent_` were sent on this stream
  size_t sent_ = 0;
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BulkWriter>> BulkWriter::Connect(const ServerOptions& options,
                                                                int connection, OnReply on_reply) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, OpenChannel(options, connection));
  return std::make_unique<StreamingWriter>(std::move(channel), std::move(on_reply));
}

}  // namespace foraker::client
