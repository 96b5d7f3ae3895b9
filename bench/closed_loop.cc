#include "bench/closed_loop.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "absl/time/clock.h"
#include "foraker/v1/search.grpc.pb.h"

namespace foraker::bench {
namespace {

constexpr size_t kConnections = 4;
constexpr size_t kStride = 7919;  // a prime: neighbours in the file are not neighbours in time

class Loop {
 public:
  Loop(const std::string& address, const std::vector<v1::SearchRequest>& requests, absl::Time end)
      : requests_(requests), end_(end) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection a channel
    for (size_t i = 0; i < kConnections; ++i) {
      stubs_.push_back(v1::Search::NewStub(
          grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  void Run(uint32_t clients) {
    running_ = clients;
    for (uint32_t i = 0; i < clients; ++i) Ask(*stubs_[i % stubs_.size()]);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
  }

  uint64_t answered() const { return answered_; }
  const grpc::Status& first_error() const { return first_error_; }

 private:
  struct Exchange {
    grpc::ClientContext context;
    v1::SearchResponse response;
  };

  void Ask(v1::Search::Stub& stub) {
    const auto exchange = std::make_shared<Exchange>();
    const v1::SearchRequest& request = requests_[next_++ * kStride % requests_.size()];
    stub.async()->Search(
        &exchange->context, &request, &exchange->response,
        [this, &stub, exchange](const grpc::Status& status) { Answered(stub, status); });
  }

  void Answered(v1::Search::Stub& stub, const grpc::Status& status) {
    if (status.ok()) {
      ++answered_;
      if (absl::Now() < end_) return Ask(stub);
    }
    const std::lock_guard lock(mutex_);
    if (!status.ok() && first_error_.ok()) first_error_ = status;
    if (--running_ == 0) ended_.notify_all();
  }

  const std::vector<v1::SearchRequest>& requests_;
  const absl::Time end_;
  std::vector<std::unique_ptr<v1::Search::Stub>> stubs_;
  std::atomic<uint64_t> next_ = 0, answered_ = 0;
  std::mutex mutex_;  // guards the two below
  uint32_t running_ = 0;
  grpc::Status first_error_;
  std::condition_variable ended_;
};

}  // namespace

absl::StatusOr<LoopResult> RunClosedLoop(const std::string& address, uint32_t clients,
                                         const std::vector<v1::SearchRequest>& requests,
                                         absl::Duration length) {
  const absl::Time start = absl::Now();
  Loop loop(address, requests, start + length);
  loop.Run(clients);
  if (!loop.first_error().ok()) return absl::InternalError(loop.first_error().error_message());
  return LoopResult{.calls = loop.answered(),
                    .calls_per_second = static_cast<double>(loop.answered()) /
                                        absl::ToDoubleSeconds(absl::Now() - start)};
}

}  // namespace foraker::bench
