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

#include "absl/status/statusor.h"
#include "retrieval/ingest/line_reader.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

// Whichever ends first.
inline constexpr uint64_t kMeasuredLines = 10'000;
inline constexpr uint64_t kMeasuredBytes = uint64_t{16} << 20;

// At least 1; 1 when there is nothing to measure.
absl::StatusOr<float> MeasureReferenceLength(LineReader& reader, const DocumentSide& settings,
                                             uint32_t threads);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_REFERENCE_LENGTH_H_
