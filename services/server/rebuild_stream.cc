#include "services/server/rebuild_stream.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "services/convert/administration.h"
#include "services/server/grpc_call.h"

namespace foraker::server {
namespace {

class RebuildStream final : public grpc::ServerWriteReactor<v1::RebuildProgress> {
 public:
  RebuildStream(AdminApi& api, CallRunner& runner, grpc::CallbackServerContext& context,
                const v1::RebuildCollectionRequest& request)
      : context_(context) {
    Call call = MakeGrpcCall("RebuildCollection", context, {});
    SendRequestId(context, call.request_id);
    runner.Run(
        std::move(call),
        [this, &api, &request](Call& running) {
          const auto on_progress = [this](const retrieval::Progress& progress) { Show(progress); };
          return api.RebuildCollection(request, running, on_progress, cancel_);
        },
        [this](const CallOutcome& outcome) { End(outcome); });
  }

  void OnCancel() override { cancel_ = true; }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) cancel_ = true;
    Advance();
  }

  void OnDone() override {
    { const std::lock_guard lock(mutex_); }  // whoever finished the call has let go
    delete this;
  }

 private:
  // A client that reads slowly misses steps, never the newest one.
  void Show(const retrieval::Progress& progress) {
    const std::lock_guard lock(mutex_);
    next_.emplace();
    convert::ToProto(progress, *next_);
    Advance();
  }

  void End(const CallOutcome& outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = outcome;
    if (outcome.status.ok()) {
      next_.emplace();
      next_->set_stage("done");
    }
    Advance();
  }

  void Advance() {
    if (writing_) return;
    if (next_.has_value() && !cancel_) {
      sending_ = *std::exchange(next_, std::nullopt);
      writing_ = true;
      StartWrite(&sending_);
    } else if (outcome_.has_value()) {
      Finish(EndGrpcCall(context_, *outcome_));
    }
  }

  grpc::CallbackServerContext& context_;
  std::atomic<bool> cancel_ = false;
  std::mutex mutex_;  // guards all below
  std::optional<v1::RebuildProgress> next_;
  v1::RebuildProgress sending_;
  bool writing_ = false;
  std::optional<CallOutcome> outcome_;
};

}  // namespace

grpc::ServerWriteReactor<v1::RebuildProgress>* StartRebuildStream(
    AdminApi& api, CallRunner& runner, grpc::CallbackServerContext& context,
    const v1::RebuildCollectionRequest& request) {
  return new RebuildStream(api, runner, context, request);  // deletes itself in OnDone
}

}  // namespace foraker::server
