#include "services/server/call.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/string_view.h"
#include "services/convert/status.h"

namespace foraker::server {
namespace {

// Time kept back for fetching, encoding and sending what a stopped scan found.
absl::Duration Margin(absl::Duration remaining) {
  return std::clamp(remaining / 10, absl::Milliseconds(1), absl::Milliseconds(50));
}

bool IsServerFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kDataLoss ||
         code == absl::StatusCode::kUnknown;
}

int64_t Micros(absl::Duration duration) { return absl::ToInt64Microseconds(duration); }
int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }

}  // namespace

std::string RequestId(std::string_view given) {
  const bool usable =
      !given.empty() && given.size() <= 128 &&
      std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (usable) return std::string(given);
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x", random());
}

absl::Status Call::Use(std::string_view collection) {
  notes.collection = std::string(collection);
  if (!access.bound() || collection.empty()) return absl::OkStatus();
  std::string own(collection);
  if (resolver != nullptr) {
    absl::StatusOr<std::string> resolved = (*resolver)(collection);
    if (resolved.ok()) {
      own = *std::move(resolved);
    } else if (!absl::IsNotFound(resolved.status())) {
      return resolved.status();
    }
  }
  return access.CheckCollection(own, collection);
}

void CallRunner::Run(Call call, Work work, Done done) {
  struct Pending {
    Call call;
    Work work;
    Done done;
  };
  const auto pending =
      std::make_shared<Pending>(Pending{std::move(call), std::move(work), std::move(done)});
  const bool accepted = !refusing_ && pool_.TrySubmit([this, pending] {
    const absl::Time start = absl::Now();
    const absl::Status status = Execute(pending->call, pending->work, start);
    Record(pending->call, status, start, absl::Now());
    pending->done({status, pending->call.retry_after});
  });
  if (accepted) return;
  const CallOutcome refusal = Refusal();
  const absl::Time now = absl::Now();
  Record(pending->call, refusal.status, now, now);
  pending->done(refusal);
}

CallOutcome CallRunner::Refusal() const {
  if (refusing_) return {absl::UnavailableError("the server is stopping"), absl::ZeroDuration()};
  const absl::Duration retry_after = RetryAfter();
  return {
      absl::ResourceExhaustedError(absl::StrFormat("too many calls are waiting; retry after %d ms",
                                                   absl::ToInt64Milliseconds(retry_after))),
      retry_after};
}

absl::Status CallRunner::Execute(Call& call, Work& work, absl::Time start) {
  if (call.cancelled()) return absl::CancelledError("the client went away before the call ran");
  if (call.deadline <= start) {
    return absl::DeadlineExceededError("the deadline passed while the call waited for a thread");
  }
  call.scan_deadline = start + options_.max_call;
  if (call.deadline != absl::InfiniteFuture()) {
    call.scan_deadline =
        std::min(call.scan_deadline, call.deadline - Margin(call.deadline - start));
  }
  // Libraries below may throw (memory, above all): one call fails, the server goes on.
  try {
    return work(call);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("the call failed: ", error.what()));
  }
}

void CallRunner::Record(const Call& call, const absl::Status& status, absl::Time start,
                        absl::Time end) {
  const absl::Duration latency = end - call.arrival;
  metrics_.CountCall(call.method, status.code(), latency);
  // A moving mean over some 16 calls; a lost update between threads does no harm.
  const int64_t mean = mean_work_micros_.load(std::memory_order_relaxed);
  mean_work_micros_.store(mean + (Micros(end - start) - mean) / 16, std::memory_order_relaxed);

  const bool slow = options_.slow_query > absl::ZeroDuration() && latency >= options_.slow_query;
  const bool fault = IsServerFault(status.code());
  const LogLevel level = fault ? LogLevel::kError : slow ? LogLevel::kWarn : LogLevel::kDebug;
  if (!log_.Enabled(level)) return;
  const CallNotes& notes = call.notes;
  const std::string_view text =
      options_.log_query_text ? std::string_view(notes.query_text) : std::string_view();
  log_.Write(level,
             fault  ? "call_failed"
             : slow ? "slow_query"
                    : "call",
             {{"method", call.method},
              {"request_id", std::string_view(call.request_id)},
              {"code", convert::CodeName(status.code())},
              {"message", base::ToStd(status.message())},
              {"latency_us", Micros(latency)},
              {"waited_us", Micros(start - call.arrival)},
              {"collection", std::string_view(notes.collection)},
              {"searches", Signed(notes.searches)},
              {"query_bytes", Signed(notes.query_bytes)},
              {"query_terms", Signed(notes.query_terms)},
              {"hits", Signed(notes.hits)},
              {"postings_predicted", Signed(notes.postings_predicted)},
              {"postings_scanned", Signed(notes.postings_scanned)},
              {"query_text", text}});
}

// How long the queue as it stands will take.
absl::Duration CallRunner::RetryAfter() const {
  const auto waiting = static_cast<int64_t>(pool_.queued());
  const auto threads = static_cast<int64_t>(pool_.threads());
  const int64_t micros = mean_work_micros_.load(std::memory_order_relaxed) * waiting / threads;
  return std::clamp(absl::Microseconds(micros), absl::Milliseconds(10), absl::Seconds(5));
}

}  // namespace foraker::server
