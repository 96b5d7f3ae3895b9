#include "services/server/call.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/convert/status.h"
#include "services/server/admission.h"
#include "services/server/audit_log.h"

namespace foraker::server {
namespace {

// Time kept back for fetching, encoding and sending what a stopped scan found.
absl::Duration Margin(absl::Duration remaining) {
  return std::clamp(remaining / 10, absl::Milliseconds(1), absl::Milliseconds(50));
}

// gRPC itself answers CANCELLED to calls that meet its end, so callers that a stopping server
// refuses are asked to come back after it: that is kFarewell away (server.cc), and the shutdown
// itself.
constexpr absl::Duration kStayAway = absl::Milliseconds(250);

absl::Status Stopping() { return absl::UnavailableError("the server is stopping"); }

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

std::string Call::Caller() const {
  if (!access.key_name().empty()) return std::string(access.key_name());
  return peer.substr(0, peer.rfind(':'));  // connections of one machine are one caller
}

struct CallRunner::Pending {
  Call call;
  Work work;
  Done done;
};

void CallRunner::Run(Call call, Work work, Done done) {
  const auto pending =
      std::make_shared<Pending>(Pending{std::move(call), std::move(work), std::move(done)});
  Call& entering = pending->call;
  if (refusing_ && Hold(pending)) return;
  if (const absl::Status status = Admit(entering); !status.ok()) {
    return Refuse(*pending, {status, entering.retry_after});
  }
  FairQueue::Entry entry;
  entry.key = options_.by_address ? entering.Caller() : std::string(entering.access.key_name());
  entry.cost.work = entering.forecast;
  entry.cost.bytes = entering.size.bytes;
  // A batch of searches waits for as many turns as it has searches.
  if (entering.method == "BatchSearch") entry.cost.places = entering.size.parts;
  entry.task = [this, pending](Turn turn) {
    if (turn == Turn::kRun) return RunPending(*pending);
    Refuse(*pending, Full());
    return 0.0;
  };
  if (pool_.RunHere(entry)) return;
  if (!pool_.Submit(std::move(entry))) Refuse(*pending, Full());
}

absl::Status CallRunner::Admit(Call& call) const {
  if (refusing_) {
    call.retry_after = kStayAway;
    return Stopping();
  }
  if (options_.admission != nullptr) RETURN_IF_ERROR(options_.admission->Enter(call));
  if (call.deadline == absl::InfiniteFuture()) return absl::OkStatus();
  // Another server, or a later moment, serves the caller better than a wait in vain.
  const absl::Duration backlog = pool_.Backlog();
  if (backlog <= absl::ZeroDuration() || call.arrival + backlog < call.deadline) {
    return absl::OkStatus();
  }
  call.retry_after = backlog;
  return absl::ResourceExhaustedError(
      "the deadline would pass while the call waits for its turn; retry later");
}

double CallRunner::RunPending(Pending& pending) {
  Call& call = pending.call;
  const absl::Time start = absl::Now();
  bool ran = false;
  absl::Status status = Execute(call, pending.work, start, ran);
  Record(call, status, start, absl::Now());
  const double work = options_.admission != nullptr ? options_.admission->Leave(call, ran)
                      : ran                         ? call.forecast
                                                    : 0;
  const absl::Duration retry_after =
      absl::IsResourceExhausted(status) ? call.retry_after : absl::ZeroDuration();
  pending.done({std::move(status), retry_after});
  return work;
}

void CallRunner::Refuse(Pending& pending, const CallOutcome& outcome) {
  const absl::Time now = absl::Now();
  Record(pending.call, outcome.status, now, now);
  pending.done(outcome);
}

bool CallRunner::Hold(const std::shared_ptr<Pending>& pending) {
  const std::lock_guard lock(held_mutex_);
  if (holding_) held_.push_back(pending);
  return holding_;
}

void CallRunner::HoldRefused() {
  const std::lock_guard lock(held_mutex_);
  holding_ = true;
}

void CallRunner::AnswerRefused() {
  std::vector<std::shared_ptr<Pending>> held;
  {
    const std::lock_guard lock(held_mutex_);
    holding_ = false;
    held.swap(held_);
  }
  for (const std::shared_ptr<Pending>& pending : held) {
    Refuse(*pending, {Stopping(), kStayAway});
  }
}

CallOutcome CallRunner::Full() const {
  const absl::Duration retry_after =
      std::clamp(pool_.Backlog(), absl::Milliseconds(10), absl::Seconds(5));
  return {
      absl::ResourceExhaustedError(absl::StrFormat("too many calls are waiting; retry after %d ms",
                                                   absl::ToInt64Milliseconds(retry_after))),
      retry_after};
}

absl::Status CallRunner::Execute(Call& call, Work& work, absl::Time start, bool& ran) {
  if (call.cancelled()) return absl::CancelledError("the client went away before the call ran");
  if (call.deadline <= start) {
    return absl::DeadlineExceededError("the deadline passed while the call waited for a thread");
  }
  call.scan_deadline = start + options_.max_call;
  if (call.deadline != absl::InfiniteFuture()) {
    call.scan_deadline =
        std::min(call.scan_deadline, call.deadline - Margin(call.deadline - start));
  }
  ran = true;
  // Libraries below may throw (memory, above all): one call fails, the server goes on.
  try {
    absl::Status status = work(call);
    // Only a client cancels. What a server that stops cuts off may be asked again.
    if (absl::IsCancelled(status) && !call.cancelled()) return Stopping();
    return status;
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("the call failed: ", error.what()));
  }
}

void CallRunner::Record(const Call& call, const absl::Status& status, absl::Time start,
                        absl::Time end) {
  const absl::Duration latency = end - call.arrival;
  metrics_.CountCall(call.counted_as.empty() ? call.method : call.counted_as, status.code(),
                     latency);
  if (options_.audit != nullptr) options_.audit->Note(call, status);
  const bool slow = options_.slow_query > absl::ZeroDuration() &&
                    latency - call.notes.of_models >= options_.slow_query;
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
              {"rank_documents", Signed(notes.rank_documents)},
              {"rank_tokens", Signed(notes.rank_tokens)},
              {"chat_tokens", Signed(notes.chat_tokens)},
              {"stopped_by", notes.stopped_by},
              {"query_text", text}});
}

}  // namespace foraker::server
