// The audit log: who changed what, and who was refused. A JSON object a line:
//
//   {"time", "key", "method", "collection", "code", "writes", "bytes", "peer", "request_id",
//    "message"}
//
// A line is written for every call that writes or administers, whatever became of it, and for every
// call that was refused for its key or the lack of one; never what documents hold, nor keys. Calls
// refused because the server is busy are counted in metrics alone. `message` is the error of a call
// that failed. A flood of refused calls is cut at 100 lines a second; the next line then holds
// "suppressed", how many were left out.
//
// Thread-safe. Lines go to a file of their own, appended to, or to the server's log as events
// "audit". Reopen starts the file anew after it was renamed.

#ifndef FORAKER_SERVICES_SERVER_AUDIT_LOG_H_
#define FORAKER_SERVICES_SERVER_AUDIT_LOG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "services/server/log.h"

namespace foraker::server {

struct Call;

class AuditLog {
 public:
  // An empty path: lines go to `log`, which is borrowed.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(std::string path, const Log& log);

  // Writes a line if the call is one that the log is for.
  void Note(const Call& call, const absl::Status& status);

  absl::Status Reopen();

 private:
  AuditLog(std::string path, const Log& log) : path_(std::move(path)), log_(log) {}

  // False: too many refused calls this second.
  bool Admit(bool refused, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const Log& log_;
  absl::Mutex mutex_;
  std::optional<base::FileDescriptor> file_ ABSL_GUARDED_BY(mutex_);
  int64_t second_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;     // lines of this second
  int64_t suppressed_ ABSL_GUARDED_BY(mutex_) = 0;  // since the last line
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;    // the file could not be written
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_AUDIT_LOG_H_
