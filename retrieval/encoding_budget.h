// How much text a process encodes at once: at most so many requests (one a processor), the others
// wait, and at most so many bytes, more are refused.
//
// Thread-safe; must outlive its leases. Errors: kResourceExhausted, kDeadlineExceeded.

#ifndef FORAKER_RETRIEVAL_ENCODING_BUDGET_H_
#define FORAKER_RETRIEVAL_ENCODING_BUDGET_H_

#include <cstddef>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace foraker::retrieval {

class EncodingBudget {
 public:
  class Lease {
   public:
    Lease(EncodingBudget* budget, size_t bytes) : budget_(budget), bytes_(bytes) {}
    Lease(Lease&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (budget_ != nullptr) budget_->Return(bytes_);
    }

   private:
    EncodingBudget* budget_;
    size_t bytes_;
  };

  EncodingBudget(size_t max_bytes, size_t max_requests)
      : max_bytes_(max_bytes), max_requests_(max_requests) {}

  // A request larger than all bytes is let through alone.
  absl::StatusOr<Lease> Borrow(size_t bytes, absl::Time deadline);

 private:
  void Return(size_t bytes);

  const size_t max_bytes_;
  const size_t max_requests_;
  base::Mutex mutex_;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;     // of requests that encode or wait
  size_t requests_ ABSL_GUARDED_BY(mutex_) = 0;  // that encode
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_ENCODING_BUDGET_H_
