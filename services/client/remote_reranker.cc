#include "services/client/remote_reranker.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "foraker/v1/rank.grpc.pb.h"
#include "services/client/grpc_attempt.h"
#include "services/client/retry.h"
#include "services/convert/rank.h"

namespace foraker::client {
namespace {

// How often a caller is asked whether it still wants its list.
constexpr absl::Duration kAsk = absl::Milliseconds(100);

class RemoteReranker final : public retrieval::Reranker {
 public:
  RemoteReranker(std::string address, std::shared_ptr<grpc::Channel> channel,
                 absl::Duration patience)
      : address_(std::move(address)),
        channel_(std::move(channel)),
        stub_(v1::Rank::NewStub(channel_)),
        patience_(patience) {}

  absl::StatusOr<retrieval::RankResult> Rank(const retrieval::RankRequest& request) override {
    v1::RankRequest message;
    convert::ToProto(request, message);
    Retries retries(patience_);
    for (;;) {
      v1::RankResponse response;
      const Attempt ended = Call(message, request.options, response);
      if (ended.status.ok()) return convert::FromProto(response);
      const std::optional<absl::Duration> wait = retries.After(ended);
      if (!wait.has_value() || absl::Now() + *wait >= request.options.deadline) {
        return ended.status;
      }
      if (!SleepUnless(request.options.cancelled, *wait)) return absl::CancelledError("cancelled");
    }
  }

  // Waits that the server asks for are kept here.
  absl::Duration RetryAfter() const override { return absl::ZeroDuration(); }

 private:
  Attempt Call(const v1::RankRequest& message, const retrieval::RankOptions& options,
               v1::RankResponse& response) {
    grpc::ClientContext context;
    if (options.deadline != absl::InfiniteFuture()) {
      context.set_deadline(absl::ToChronoTime(options.deadline));
    }
    grpc::Status status;
    absl::Notification ended;
    stub_->async()->Rank(&context, &message, &response, [&](grpc::Status result) {
      status = std::move(result);
      ended.Notify();
    });
    while (!ended.WaitForNotificationWithTimeout(kAsk)) {
      if (options.cancelled && options.cancelled()) context.TryCancel();
    }
    // Nobody listening is told apart from a server that says it is not ready.
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
        channel_->GetState(false) != GRPC_CHANNEL_READY) {
      return {CannotReach(address_), absl::ZeroDuration()};
    }
    return AttemptOf(status, context);
  }

  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Rank::Stub> stub_;
  const absl::Duration patience_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<retrieval::Reranker>> ConnectReranker(const ServerOptions& options,
                                                                     absl::Duration patience) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, OpenChannel(options));
  return MakeReranker(options, std::move(channel), patience);
}

std::unique_ptr<retrieval::Reranker> MakeReranker(const ServerOptions& options,
                                                  std::shared_ptr<grpc::Channel> channel,
                                                  absl::Duration patience) {
  return std::make_unique<RemoteReranker>(options.address, std::move(channel), patience);
}

}  // namespace foraker::client
