#include "services/http/ask.h"

#include <google/protobuf/util/json_util.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "services/http/http_call.h"
#include "services/http/json_call.h"

namespace foraker::http {
namespace {

using server::Call;
using server::CallOutcome;

// Lines that may wait for the client.
constexpr size_t kAhead = 8;
// How often it is looked whether the client is still there.
constexpr absl::Duration kLook = absl::Milliseconds(100);

// Lines on their way from a run, on a thread of its own, to the listener's thread that sends them.
class Lines {
 public:
  // On the run's thread. Waits for room until the time given, when the run is over anyway.
  void Push(std::string line, absl::Time until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, absl::ToChronoTime(until),
                        [this] { return gone_ || lines_.size() < kAhead; });
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  void End(const CallOutcome& outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = outcome;
    changed_.notify_all();
  }
  bool gone() const {
    const std::lock_guard lock(mutex_);
    return gone_;
  }

  // On the listener's. How the call ended, if that was before its first line.
  std::optional<CallOutcome> AwaitFirst() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !lines_.empty() || outcome_.has_value(); });
    return lines_.empty() ? outcome_ : std::nullopt;
  }
  void SendTo(BodyWriter& writer) {
    for (;;) {
      const std::optional<std::string> line = Next(writer);
      if (!line.has_value() || !writer.Write(*line)) return;
    }
  }
  void Leave() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    changed_.notify_all();
  }

 private:
  // Nothing: all were sent, or the client is gone.
  std::optional<std::string> Next(BodyWriter& writer) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, absl::ToChronoMilliseconds(kLook),
                              [this] { return !lines_.empty() || outcome_.has_value(); })) {
      lock.unlock();
      if (!writer.IsOpen()) return std::nullopt;
      lock.lock();
    }
    if (!lines_.empty()) {
      std::string line = std::move(lines_.front());
      lines_.pop_front();
      changed_.notify_all();
      return line;
    }
    const absl::Status failure = std::exchange(outcome_->status, absl::OkStatus());
    if (failure.ok()) return std::nullopt;
    return absl::StrCat("{\"error\":", ErrorJson(failure), "}\n");
  }

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  bool gone_ = false;  // the client is
  std::optional<CallOutcome> outcome_;
};

// The listener's end of the lines: when it goes, the client is gone.
class Reader {
 public:
  Reader(std::shared_ptr<Lines> lines, RankPlaces::Place place)
      : lines_(std::move(lines)), place_(std::move(place)) {}
  ~Reader() { lines_->Leave(); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void SendTo(BodyWriter& writer) { lines_->SendTo(writer); }

 private:
  const std::shared_ptr<Lines> lines_;
  const RankPlaces::Place place_;
};

absl::Status Run(server::AgentApi& api, const Request& request, Call& call, Lines& lines) {
  v1::AskRequest in;
  RETURN_IF_ERROR(ParseJson(request.body, in));
  in.set_collection(request.captures[0]);
  absl::Status written;
  const auto send = [&](const v1::AskResponse& event, absl::Time until) {
    std::string line;
    const auto status = google::protobuf::util::MessageToJsonString(event, &line);
    // Texts of imported documents may be no UTF-8.
    if (!status.ok()) return written.Update(absl::InternalError(status.ToString()));
    lines.Push(line + "\n", until);
  };
  RETURN_IF_ERROR(api.Ask(in, call, send));
  return written;
}

Response Ask(server::AgentApi& api, server::CallRunner& runner, RankPlaces& places,
             const Request& request) {
  RankPlaces::Place place = places.Take();
  if (place == nullptr) return ErrorResponse(RankPlaces::Full());
  const auto lines = std::make_shared<Lines>();
  const auto reader = std::make_shared<Reader>(lines, std::move(place));
  EndedCall ended;
  Call call = MakeHttpCall("Ask", request);
  ended.request_id = call.request_id;
  call.cancelled = [lines] { return lines->gone(); };
  runner.Run(
      std::move(call),
      [&api, request, lines](Call& running) { return Run(api, request, running, *lines); },
      [lines](const CallOutcome& outcome) { lines->End(outcome); });
  if (std::optional<CallOutcome> outcome = lines->AwaitFirst()) {
    ended.outcome = *std::move(outcome);
    return ErrorResponse(ended);
  }
  Response response;
  response.content_type = "application/x-ndjson";
  response.stream = [reader](BodyWriter& writer) { reader->SendTo(writer); };
  AddHeaders(ended, response);
  return response;
}

}  // namespace

HttpServer::Route AskRoute(server::AgentApi& api, server::CallRunner& runner,
                           const std::shared_ptr<RankPlaces>& places) {
  return {"POST", "/v1/collections/([^/:]+):ask", [&api, &runner, places](const Request& request) {
            return Ask(api, runner, *places, request);
          }};
}

}  // namespace foraker::http
