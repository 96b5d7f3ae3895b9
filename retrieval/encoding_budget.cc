#include "retrieval/encoding_budget.h"

#include "absl/strings/str_format.h"

namespace foraker::retrieval {

absl::StatusOr<EncodingBudget::Lease> EncodingBudget::Borrow(size_t bytes, absl::Time deadline) {
  const base::MutexLock lock(&mutex_);
  if (bytes_ > 0 && bytes_ + bytes > max_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("%d bytes of text wait to be encoded, at most %d are allowed; retry later",
                        bytes_ + bytes, max_bytes_));
  }
  bytes_ += bytes;
  const auto is_free = [this] {
    mutex_.AssertHeld();
    return requests_ < max_requests_;
  };
  if (!mutex_.AwaitUntil(is_free, deadline)) {
    bytes_ -= bytes;
    return absl::DeadlineExceededError("the deadline passed before the documents were encoded");
  }
  ++requests_;
  return Lease(this, bytes);
}

void EncodingBudget::Return(size_t bytes) {
  const base::MutexLock lock(&mutex_);
  bytes_ -= bytes;
  --requests_;
}

}  // namespace foraker::retrieval
