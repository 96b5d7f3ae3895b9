// One call of a client, whatever it came by (gRPC or HTTP), and how calls run: admitted to the
// worker pool or refused, timed, counted, logged.
//
//   arrival ─► stopping? kUnavailable
//           ─► key, scope, quota (admission.h)
//           ─► queue (full, or the deadline would pass in it: kResourceExhausted, with the time
//              after which to retry)
//           ─► worker: gone client? passed deadline? ─► work ─► metrics, log ─► done
//
// CallRunner is thread-safe and knows neither gRPC nor HTTP.

#ifndef FORAKER_SERVICES_SERVER_CALL_H_
#define FORAKER_SERVICES_SERVER_CALL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/auth/access.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "services/server/worker_pool.h"

namespace foraker::server {

class Admission;
class AuditLog;

// What a call turned out to be, for metrics and the slow-query log.
struct CallNotes {
  std::string collection;
  std::string query_text;  // logged only when the settings allow it
  uint64_t searches = 0, query_bytes = 0, query_terms = 0, hits = 0;
  uint64_t postings_predicted = 0, postings_scanned = 0;
  uint64_t writes = 0;          // documents written or deleted
  uint64_t rank_documents = 0;  // of a list that was ranked by itself
  uint64_t rank_tokens = 0;     // that the model read
  uint64_t chat_tokens = 0;     // of a language model, in and out
  std::string_view stopped_by;  // what ended a run of the agent; static storage
  absl::Duration of_models;     // that models took of a run: it is not slow for it
};

// What is known of a call's work before it runs.
struct CallSize {
  uint64_t bytes = 0;  // of the request
  uint32_t parts = 1;  // searches or writes
};

// The own name of a collection that a request names, perhaps by an alias. kNotFound: there is none.
using CollectionResolver = std::function<absl::StatusOr<std::string>(std::string_view)>;

struct Call {
  // Every method calls it for each collection that its request names, before anything else:
  // notes the collection, and checks that the caller's key may use it. kPermissionDenied when not.
  absl::Status Use(std::string_view collection);
  // For lists: whether the caller's key may know of the collection (its own name).
  bool MaySee(std::string_view collection) const { return access.MaySee(collection); }

  // Who asks, to those who share something out: the key, without one the client's address.
  std::string Caller() const;

  std::string_view method;  // "Search"; outlives the call
  // What metrics call it instead, where a method does very different work; static storage.
  std::string_view counted_as;
  std::string request_id;  // the client's, or made here
  std::string peer;        // the client's address
  std::string token;       // of the client's key, until it was looked up
  auth::Access access;
  CallSize size;
  double forecast = 1;                           // work that the call will be, set by Admission
  const CollectionResolver* resolver = nullptr;  // set by CallRunner; null: names are no aliases
  absl::Time arrival;
  absl::Time deadline = absl::InfiniteFuture();  // the client's
  // When a scan must stop so that its result still reaches the client: set by CallRunner.
  absl::Time scan_deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled = [] { return false; };
  // How long to wait before another try: set by work that ends with kResourceExhausted.
  absl::Duration retry_after;
  CallNotes notes;
};

struct CallOutcome {
  absl::Status status;
  absl::Duration retry_after;  // with kResourceExhausted and kUnavailable, where it is known
};

class CallRunner {
 public:
  struct Options {
    absl::Duration max_call = absl::Seconds(60);          // longest scan
    absl::Duration slow_query = absl::Milliseconds(500);  // zero: none is logged
    bool log_query_text = false;
    bool by_address = false;         // callers without keys take turns by their addresses
    Admission* admission = nullptr;  // null: everybody may do everything
    AuditLog* audit = nullptr;       // null: none is kept
  };
  using Work = absl::AnyInvocable<absl::Status(Call&)>;
  using Done = absl::AnyInvocable<void(const CallOutcome&)>;

  // Borrows all three, and what the options point to.
  CallRunner(WorkerPool& pool, Metrics& metrics, const Log& log, const Options& options)
      : pool_(pool), metrics_(metrics), log_(log), options_(options) {}

  // Returns at once. `done` is called exactly once: on a worker, or here when the call is refused.
  void Run(Call call, Work work, Done done);

  // From now on calls are refused; those accepted go on.
  void RefuseNew() { refusing_ = true; }
  // What is refused from now on hears nothing until AnswerRefused: whoever waits for an answer
  // sends no other call, so that few meet the end of the listener, which cannot refuse them
  // politely.
  void HoldRefused();
  void AnswerRefused();

 private:
  struct Pending;

  // An error: the call is refused.
  absl::Status Admit(Call& call) const;
  double RunPending(Pending& pending);
  void Refuse(Pending& pending, const CallOutcome& outcome);
  // Whether the call is kept for AnswerRefused.
  bool Hold(const std::shared_ptr<Pending>& pending);
  // `ran`: the work was begun.
  absl::Status Execute(Call& call, Work& work, absl::Time start, bool& ran);
  void Record(const Call& call, const absl::Status& status, absl::Time start, absl::Time end);
  CallOutcome Full() const;

  WorkerPool& pool_;
  Metrics& metrics_;
  const Log& log_;
  const Options options_;
  std::atomic<bool> refusing_ = false;
  std::mutex held_mutex_;
  bool holding_ = false;
  std::vector<std::shared_ptr<Pending>> held_;
};

// A client's request id when it is one (1-128 visible ASCII characters), else a new random one.
std::string RequestId(std::string_view given);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_CALL_H_
