#include "services/client/remote_agent.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"
#include "foraker/v1/agent.grpc.pb.h"
#include "services/client/grpc_attempt.h"
#include "services/client/retry.h"
#include "services/convert/agent.h"

namespace foraker::client {
namespace {

// How often a caller is asked whether it still wants its answer.
constexpr absl::Duration kAsk = absl::Milliseconds(50);
// What a call may take beyond its run's time: the wait for its turn, the way back.
constexpr absl::Duration kSlack = absl::Seconds(10);

// The replies of one call, one at a time: gRPC's threads leave them here, and the next is read when
// one was taken, so that a caller that is slow slows the server down.
class Replies final : public grpc::ClientReadReactor<v1::AskResponse> {
 public:
  void Start() {
    StartRead(&incoming_);
    AddHold();  // for reads that the caller's thread starts
    StartCall();
  }

  // The next one; nothing: the call has ended. Asks `waiting` while there is none yet.
  std::optional<v1::AskResponse> Next(const std::function<void()>& waiting) {
    std::unique_lock lock(mutex_);
    while (!arrived_ && !ended_.has_value()) {
      if (changed_.wait_for(lock, absl::ToChronoMilliseconds(kAsk)) == std::cv_status::timeout) {
        lock.unlock();
        waiting();
        lock.lock();
      }
    }
    if (!arrived_) return std::nullopt;
    arrived_ = false;
    std::optional<v1::AskResponse> taken = std::move(incoming_);
    incoming_.Clear();
    StartRead(&incoming_);
    return taken;
  }

  // After Next gave nothing.
  const grpc::Status& status() const { return *ended_; }

  void OnReadDone(bool ok) override {
    if (!ok) return RemoveHold();
    const std::lock_guard lock(mutex_);
    arrived_ = true;
    changed_.notify_one();
  }

  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    ended_ = status;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  v1::AskResponse incoming_;
  bool arrived_ = false;
  std::optional<grpc::Status> ended_;
};

// What one call has brought so far.
struct Run {
  bool begun = false;  // something of it has come
  agent::Trajectory trajectory;
  std::optional<agent::AskResult> result;
};

absl::Status Take(const v1::AskResponse& event, const agent::AskEvents& events, Run& run) {
  run.begun = true;
  switch (event.event_case()) {
    case v1::AskResponse::kThought:
      if (events.on_thought) events.on_thought(event.thought().step(), event.thought().text());
      return absl::OkStatus();
    case v1::AskResponse::kStep:
      RETURN_IF_ERROR(convert::AddStep(event.step(), run.trajectory));
      if (events.on_step) events.on_step(run.trajectory.steps.back(), run.trajectory);
      return absl::OkStatus();
    case v1::AskResponse::kResult: {
      ASSIGN_OR_RETURN(run.result, convert::FromProto(event.result()));
      return absl::OkStatus();
    }
    case v1::AskResponse::EVENT_NOT_SET:
      break;  // of a newer server
  }
  return absl::OkStatus();
}

class RemoteAgent final : public agent::Agent {
 public:
  RemoteAgent(std::string address, std::shared_ptr<grpc::Channel> channel, absl::Duration patience)
      : address_(std::move(address)),
        channel_(std::move(channel)),
        stub_(v1::Agent::NewStub(channel_)),
        patience_(patience) {}

  absl::StatusOr<agent::AskResult> Ask(const agent::AskRequest& request,
                                       const agent::AskEvents& events) override {
    v1::AskRequest message;
    convert::ToProto(request, message);
    Retries retries(patience_);
    for (;;) {
      Run run;
      run.trajectory.question = request.question;
      const Attempt ended = Call(message, request, events, run);
      if (ended.status.ok()) return Finish(std::move(run));
      if (request.cancelled && request.cancelled()) return absl::CancelledError("cancelled");
      const auto wait = run.begun ? std::nullopt : retries.After(ended);
      if (!wait.has_value() || absl::Now() + *wait >= request.budget.deadline) {
        return ended.status;
      }
      if (!SleepUnless(request.cancelled, *wait)) return absl::CancelledError("cancelled");
    }
  }

 private:
  Attempt Call(const v1::AskRequest& message, const agent::AskRequest& request,
               const agent::AskEvents& events, Run& run) {
    grpc::ClientContext context;
    const absl::Time latest = absl::Now() + request.budget.time + kSlack;
    context.set_deadline(absl::ToChronoTime(std::min(request.budget.deadline, latest)));
    Replies replies;
    stub_->async()->Ask(&context, &message, &replies);
    replies.Start();
    absl::Status taken;
    const auto waiting = [&] {
      if (request.cancelled && request.cancelled()) context.TryCancel();
    };
    // Also after a reply that made no sense the call's end is waited for: it uses what is here.
    while (const std::optional<v1::AskResponse> event = replies.Next(waiting)) {
      waiting();
      if (taken.ok()) taken = Take(*event, events, run);
      if (!taken.ok()) context.TryCancel();
    }
    if (!taken.ok()) return {taken, absl::ZeroDuration()};
    // Nobody listening is told apart from a server that says it is not ready.
    if (replies.status().error_code() == grpc::StatusCode::UNAVAILABLE &&
        channel_->GetState(false) != GRPC_CHANNEL_READY) {
      return {CannotReach(address_), absl::ZeroDuration()};
    }
    return AttemptOf(replies.status(), context);
  }

  static absl::StatusOr<agent::AskResult> Finish(Run run) {
    if (!run.result.has_value()) return absl::InternalError("the reply ended without a result");
    run.result->trajectory = std::move(run.trajectory);
    return *std::move(run.result);
  }

  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Agent::Stub> stub_;
  const absl::Duration patience_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<agent::Agent>> ConnectAgent(const ServerOptions& options,
                                                           absl::Duration patience) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, OpenChannel(options));
  return std::make_unique<RemoteAgent>(options.address, std::move(channel), patience);
}

}  // namespace foraker::client
