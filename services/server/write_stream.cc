#include "services/server/write_stream.h"

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "services/server/grpc_call.h"

namespace foraker::server {
namespace {

// Batches of a stream that the server holds: read, running, or with a response still to be sent.
constexpr size_t kHeld = 4;
// A full queue or buffer holds a batch up so long before the stream ends with kResourceExhausted.
constexpr absl::Duration kPatience = absl::Minutes(1);
constexpr absl::Duration kLeastWait = absl::Milliseconds(10);

using Request = v1::WriteDocumentsRequest;
using Response = v1::WriteDocumentsResponse;

class WriteStream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  WriteStream(WriteApi& api, CallRunner& runner, grpc::CallbackServerContext& context)
      : api_(api),
        runner_(runner),
        context_(context),
        first_(MakeGrpcCall("StreamDocuments", context, {})) {
    SendRequestId(context, first_.request_id);
    const std::lock_guard lock(mutex_);
    reading_ = true;
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    std::unique_lock lock(mutex_);
    reading_ = false;
    if (!ok) {
      ended_ = true;
    } else if (!failure_.has_value()) {  // else it was under way when the stream failed
      auto batch = std::make_unique<Batch>();
      batch->request.Swap(&incoming_);
      incoming_.Clear();
      NameCollection(batch->request);
      waiting_.push_back(std::move(batch));
    }
    Advance(lock);
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    finished_.pop_front();
    if (!ok) {
      Fail({absl::CancelledError("the client went away"), absl::ZeroDuration()});
      finished_.clear();
    }
    Advance(lock);
  }

  void OnCancel() override {
    std::unique_lock lock(mutex_);
    Fail({absl::CancelledError("the client went away"), absl::ZeroDuration()});
    if (alarm_.has_value()) alarm_->Cancel();
    Advance(lock);
  }

  void OnDone() override {
    { const std::lock_guard lock(mutex_); }  // whoever finished the call has let go
    delete this;
  }

 private:
  struct Batch {
    Request request;
    Response response;
  };

  // The first request names the collection for those that leave it out.
  void NameCollection(Request& request) {
    if (request.collection().empty()) request.set_collection(collection_);
    collection_ = request.collection();
  }

  // The first failure is the stream's; batches behind it are not begun.
  void Fail(const CallOutcome& outcome) {
    if (!failure_.has_value()) failure_ = outcome;
    waiting_.clear();
  }

  // Starts what can be started. Nothing of this object may be touched afterwards: once the lock is
  // free the call may end.
  void Advance(std::unique_lock<std::mutex>& lock) {
    if (!writing_ && !finished_.empty()) {
      writing_ = true;
      StartWrite(&finished_.front()->response);
    }
    const bool begin = running_ == nullptr && !waiting_.empty();
    if (begin) {
      running_ = std::move(waiting_.front());
      waiting_.pop_front();
      waited_ = absl::ZeroDuration();
    }
    const size_t held = waiting_.size() + finished_.size() + (running_ == nullptr ? 0 : 1);
    const bool over = ended_ || failure_.has_value();
    if (!over && !reading_ && held < kHeld) {
      reading_ = true;
      StartRead(&incoming_);
    }
    if (over && held == 0 && !finishing_) {
      finishing_ = true;
      Finish(EndGrpcCall(context_, failure_.value_or(CallOutcome{})));
    }
    if (begin) RunBatch(lock);
  }

  // Hands the running batch to the runner, which may call back before Run returns.
  void RunBatch(std::unique_lock<std::mutex>& lock) {
    Batch& batch = *running_;
    Call call = first_;
    call.arrival = absl::Now();
    call.size = {batch.request.ByteSizeLong(), static_cast<uint32_t>(batch.request.writes_size())};
    CallRunner& runner = runner_;
    lock.unlock();
    runner.Run(
        std::move(call),
        [this, &batch](Call& running) {
          return api_.WriteDocuments(batch.request, running, batch.response);
        },
        [this](const CallOutcome& outcome) { BatchDone(outcome); });
  }

  void BatchDone(const CallOutcome& outcome) {
    std::unique_lock lock(mutex_);
    if (absl::IsResourceExhausted(outcome.status) && WaitBeforeRetry(outcome.retry_after)) return;
    if (outcome.status.ok()) {
      if (!failure_.has_value()) finished_.push_back(std::move(running_));
    } else {
      Fail(outcome);
    }
    running_ = nullptr;
    Advance(lock);
  }

  // False when there is no time left for it.
  bool WaitBeforeRetry(absl::Duration retry_after) {
    const absl::Duration wait = std::max(retry_after, kLeastWait);
    const absl::Time until = absl::Now() + wait;
    if (failure_.has_value() || waited_ + wait > kPatience || until > first_.deadline) return false;
    waited_ += wait;
    alarm_.emplace();
    alarm_->Set(absl::ToChronoTime(until), [this](bool) { Retry(); });
    return true;
  }

  void Retry() {
    std::unique_lock lock(mutex_);
    if (failure_.has_value()) {  // cancelled meanwhile
      running_ = nullptr;
      Advance(lock);
    } else {
      RunBatch(lock);
    }
  }

  WriteApi& api_;
  CallRunner& runner_;
  grpc::CallbackServerContext& context_;
  const Call first_;  // what the call of each batch begins as

  std::mutex mutex_;  // guards all below
  Request incoming_;  // being read
  std::string collection_;
  std::deque<std::unique_ptr<Batch>> waiting_;
  std::unique_ptr<Batch> running_;               // on the runner, or waiting for the alarm
  std::deque<std::unique_ptr<Batch>> finished_;  // the first is being sent
  absl::Duration waited_;                        // of the running one
  std::optional<grpc::Alarm> alarm_;
  std::optional<CallOutcome> failure_;
  bool reading_ = false, writing_ = false, ended_ = false, finishing_ = false;
};

}  // namespace

grpc::ServerBidiReactor<Request, Response>* StartWriteStream(WriteApi& api, CallRunner& runner,
                                                             grpc::CallbackServerContext& context) {
  return new WriteStream(api, runner, context);  // deletes itself in OnDone
}

}  // namespace foraker::server
