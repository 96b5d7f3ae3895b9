#include "services/cli/load_generator.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <utility>

#include "base/status.h"
#include "services/cli/interrupt.h"
#include "services/convert/status.h"

namespace foraker::cli {
namespace {

using Clock = std::chrono::system_clock;  // what gRPC's deadlines are in
using TimePoint = Clock::time_point;

// How long to sleep at most before looking at Ctrl-C again.
constexpr auto kPatience = std::chrono::milliseconds(200);

Clock::duration ToClock(absl::Duration duration) {
  return std::chrono::duration_cast<Clock::duration>(absl::ToChronoNanoseconds(duration));
}

struct PendingCall {
  TimePoint due;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
};

class Generator {
 public:
  Generator(const LoadOptions& options, const std::string& method,
            const std::vector<std::string>& requests)
      : options_(options), method_(method) {
    for (const std::string& request : requests) {
      const grpc::Slice slice(request);
      requests_.emplace_back(&slice, 1);
    }
  }

  absl::Status Connect() {
    for (uint32_t i = 0; i < options_.connections; ++i) {
      ASSIGN_OR_RETURN(const auto channel,
                       client::OpenChannel(options_.server, static_cast<int>(i)));
      stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<LoadReport> Run() {
    count_from_ = Clock::now() + ToClock(options_.warm_up);
    stop_at_ = count_from_ + ToClock(options_.duration);
    if (options_.rate > 0) {
      OpenLoop();
    } else {
      ClosedLoop();
    }
    Drain();
    if (StopRequested()) return absl::CancelledError("interrupted");
    report_.seconds = absl::ToDoubleSeconds(options_.duration);
    return std::move(report_);
  }

 private:
  void OpenLoop() {
    const auto interval = std::chrono::duration<double>(1 / options_.rate);
    const TimePoint start = Clock::now();
    uint64_t number = 0;
    while (!StopRequested()) {
      const TimePoint due = start + std::chrono::duration_cast<Clock::duration>(
                                        static_cast<double>(number) * interval);
      if (due >= stop_at_) return;
      if (due > Clock::now()) {
        AwaitOne(std::min(due, Clock::now() + kPatience));
        continue;
      }
      ++number;
      if (under_way_ < options_.most_under_way) {
        Send(due);
      } else if (due >= count_from_) {
        ++report_.unsent;
      }
      while (AwaitOne(TimePoint())) {  // replies that lie there
      }
    }
  }

  void ClosedLoop() {
    while (!StopRequested() && Clock::now() < stop_at_) {
      while (under_way_ < options_.concurrency) Send(Clock::now());
      AwaitOne(Clock::now() + kPatience);
    }
  }

  void Drain() {
    const TimePoint give_up = Clock::now() + ToClock(options_.deadline) + std::chrono::seconds(5);
    while (under_way_ > 0 && Clock::now() < give_up) AwaitOne(Clock::now() + kPatience);
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) Finish(tag);
  }

  void Send(TimePoint due) {
    auto call = std::make_unique<PendingCall>();
    call->due = due;
    call->context.set_deadline(Clock::now() + ToClock(options_.deadline));
    grpc::GenericStub& stub = *stubs_[sent_ % stubs_.size()];
    const grpc::ByteBuffer& request = requests_[sent_ % requests_.size()];
    ++sent_;
    ++under_way_;
    if (due >= count_from_) ++report_.sent;
    call->reader = stub.PrepareUnaryCall(&call->context, method_, request, &queue_);
    call->reader->StartCall();
    PendingCall* tag = call.release();  // Finish takes it back
    tag->reader->Finish(&tag->reply, &tag->status, tag);
  }

  // False when no call ended until then.
  bool AwaitOne(TimePoint until) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) return false;
    Finish(tag);
    return true;
  }

  void Finish(void* tag) {
    const std::unique_ptr<PendingCall> call(static_cast<PendingCall*>(tag));
    --under_way_;
    if (call->due < count_from_) return;
    const std::chrono::duration<double, std::milli> took = Clock::now() - call->due;
    const auto code = static_cast<absl::StatusCode>(call->status.error_code());
    ++report_.codes[std::string(convert::CodeName(code))];
    (call->status.ok() ? report_.ok : report_.failed).Add(took.count());
  }

  const LoadOptions& options_;
  const std::string& method_;
  std::vector<grpc::ByteBuffer> requests_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  TimePoint count_from_, stop_at_;
  uint64_t sent_ = 0, under_way_ = 0;
  LoadReport report_;
};

}  // namespace

absl::StatusOr<LoadReport> GenerateLoad(const LoadOptions& options, const std::string& method,
                                        const std::vector<std::string>& requests) {
  Generator generator(options, method, requests);
  RETURN_IF_ERROR(generator.Connect());
  return generator.Run();
}

}  // namespace foraker::cli
