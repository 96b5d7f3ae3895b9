#include "retrieval/encoder_pool.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "retrieval/ingest/settings_check.h"

namespace foraker::retrieval {
namespace {

// Text that a call gives an encoder: enough to keep a model busy, so little that a deadline is
// noticed.
constexpr size_t kPartBytes = size_t{64} << 10;

size_t EndOfPart(std::span<index::Document* const> documents, size_t begin) {
  size_t bytes = 0;
  size_t end = begin;
  while (end < documents.size() && (end == begin || bytes < kPartBytes)) {
    bytes += documents[end++]->text.size();
  }
  return end;
}

}  // namespace

absl::StatusOr<std::shared_ptr<EncoderPool>> EncoderPool::Open(const DocumentSide& settings,
                                                               EncoderStore& encoders) {
  ASSIGN_OR_RETURN(const std::string fingerprint, AnalyzerFingerprint(settings));
  if (fingerprint != settings.fingerprint) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "the collection's text was analyzed by other versions of ICU or the stemmer (fingerprint "
        "%s, this program's is %s): build it again",
        settings.fingerprint, fingerprint));
  }
  LoadedEncoder encoder;
  if (IsNeural(settings)) {
    ASSIGN_OR_RETURN(encoder.table, encoders.Table(settings));
    ASSIGN_OR_RETURN(encoder.model, encoders.Model(settings));
  }
  return std::shared_ptr<EncoderPool>(new EncoderPool(settings, std::move(encoder)));
}

absl::StatusOr<std::unique_ptr<DocumentEncoder>> EncoderPool::Borrow() {
  {
    const base::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<DocumentEncoder> encoder = std::move(idle_.back());
      idle_.pop_back();
      return encoder;
    }
  }
  return DocumentEncoder::Create(settings_, encoder_);
}

absl::Status EncoderPool::Encode(std::span<index::Document* const> documents, absl::Time deadline,
                                 const NameTerm& name_term,
                                 std::vector<DocumentEncoder::Outcome>& outcomes) {
  outcomes.clear();
  if (documents.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::unique_ptr<DocumentEncoder> encoder, Borrow());
  std::vector<DocumentEncoder::Outcome> part;
  for (size_t begin = 0, end = 0; begin < documents.size(); begin = end) {
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError("the deadline passed before the documents were encoded");
    }
    end = EndOfPart(documents, begin);
    // An encoder that failed is not used again.
    RETURN_IF_ERROR(encoder->Encode(documents.subspan(begin, end - begin), name_term, part));
    std::move(part.begin(), part.end(), std::back_inserter(outcomes));
  }
  const base::MutexLock lock(&mutex_);
  idle_.push_back(std::move(encoder));
  return absl::OkStatus();
}

}  // namespace foraker::retrieval
