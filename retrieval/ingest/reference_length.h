// The reference passage length of a new collection: the mean number of stems of a passage over the
// documents of the first lines of the input, before any sharding, so that all shards of an input
// find the same one.
//
// The lines are read ahead and put back into the reader; their documents are measured on several
// threads. Errors are those of the reader.

#ifndef FORAKER_RETRIEVAL_INGEST_REFERENCE_LENGTH_H_
#define FORAKER_RETRIEVAL_INGEST_REFERENCE_LENGTH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "retrieval/document_text.h"
#include "retrieval/ingest/line_reader.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

// Adds up what documents have. One thread.
class LengthMeter {
 public:
  void Add(DocumentText& text, std::string_view title, std::string_view body);
  void Add(const LengthMeter& other);

  // Stems a passage; at least 1; 1 when there is nothing to measure.
  float Mean() const;

 private:
  uint64_t stems_ = 0;
  uint64_t passages_ = 0;
};

// Whichever ends first.
inline constexpr uint64_t kMeasuredLines = 10'000;
inline constexpr uint64_t kMeasuredBytes = uint64_t{16} << 20;

absl::StatusOr<float> MeasureReferenceLength(LineReader& reader, const DocumentSide& settings,
                                             uint32_t threads);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_REFERENCE_LENGTH_H_
