#include "services/server/ask_stream.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "services/server/grpc_call.h"

namespace foraker::server {
namespace {

// Events that may wait for the client, the one on the wire included.
constexpr size_t kAhead = 8;

class AskStream final : public grpc::ServerWriteReactor<v1::AskResponse> {
 public:
  AskStream(AgentApi& api, CallRunner& runner, grpc::CallbackServerContext& context,
            const v1::AskRequest& request)
      : context_(context) {
    Call call = MakeGrpcCall("Ask", context, {.bytes = request.ByteSizeLong()});
    SendRequestId(context, call.request_id);
    runner.Run(
        std::move(call),
        [this, &api, &request](Call& running) {
          const auto send = [this](v1::AskResponse event, absl::Time until) {
            Send(std::move(event), until);
          };
          return api.Ask(request, running, send);
        },
        [this](const CallOutcome& outcome) { End(outcome); });
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    LeaveClient();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    waiting_.pop_front();
    if (!ok) LeaveClient();
    room_.notify_one();
    Advance();
  }

  void OnDone() override {
    { const std::lock_guard lock(mutex_); }  // whoever finished the call has let go
    delete this;
  }

 private:
  // On the run's thread.
  void Send(v1::AskResponse event, absl::Time until) {
    std::unique_lock lock(mutex_);
    room_.wait_until(lock, absl::ToChronoTime(until),
                     [this] { return gone_ || waiting_.size() < kAhead; });
    if (gone_) return;  // the run is being cancelled
    waiting_.push_back(std::move(event));
    Advance();
  }

  void End(const CallOutcome& outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = outcome;
    Advance();
  }

  void LeaveClient() {
    gone_ = true;
    room_.notify_one();
  }

  void Advance() {
    if (writing_) return;
    if (!waiting_.empty() && !gone_) {
      writing_ = true;
      StartWrite(&waiting_.front());
    } else if (outcome_.has_value()) {
      Finish(EndGrpcCall(context_, *outcome_));
    }
  }

  grpc::CallbackServerContext& context_;
  std::mutex mutex_;  // guards all below
  std::condition_variable room_;
  std::deque<v1::AskResponse> waiting_;  // the first is on the wire while writing_
  bool writing_ = false;
  bool gone_ = false;  // the client is
  std::optional<CallOutcome> outcome_;
};

}  // namespace

grpc::ServerWriteReactor<v1::AskResponse>* StartAskStream(AgentApi& api, CallRunner& runner,
                                                          grpc::CallbackServerContext& context,
                                                          const v1::AskRequest& request) {
  return new AskStream(api, runner, context, request);  // deletes itself in OnDone
}

}  // namespace foraker::server
