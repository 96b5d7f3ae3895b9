// The document encoders of one collection, for writers on any number of threads: borrowed for a
// request, kept for the next.
//
// Thread-safe. Errors: those of DocumentEncoder and EncoderStore; kDeadlineExceeded.

#ifndef FORAKER_RETRIEVAL_ENCODER_POOL_H_
#define FORAKER_RETRIEVAL_ENCODER_POOL_H_

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "index/segment/document.h"
#include "retrieval/document_encoder.h"
#include "retrieval/encoder_store.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class EncoderPool {
 public:
  // Loads the model where the encoder is neural. kFailedPrecondition when this build analyzes text
  // differently from the one that made the collection.
  static absl::StatusOr<std::shared_ptr<EncoderPool>> Open(const DocumentSide& settings,
                                                           EncoderStore& encoders);

  const DocumentSide& settings() const { return settings_; }

  // As DocumentEncoder::Encode; looks at the deadline between parts of a long list.
  absl::Status Encode(std::span<index::Document* const> documents, absl::Time deadline,
                      const NameTerm& name_term, std::vector<DocumentEncoder::Outcome>& outcomes);

 private:
  EncoderPool(const DocumentSide& settings, LoadedEncoder encoder)
      : settings_(settings), encoder_(std::move(encoder)) {}

  absl::StatusOr<std::unique_ptr<DocumentEncoder>> Borrow();

  const DocumentSide settings_;
  const LoadedEncoder encoder_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<DocumentEncoder>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_ENCODER_POOL_H_
