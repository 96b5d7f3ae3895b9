// A segment of vectors alone: the real term sections in a real file, one passage a document, and
// the row number as id. Lets a benchmark choose the order of documents, which a segment writer does
// not.

#ifndef FORAKER_BENCH_VECTOR_SEGMENT_H_
#define FORAKER_BENCH_VECTOR_SEGMENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/vector_matrix.h"
#include "index/segment/segment.h"

namespace foraker::bench {

enum class Order { kArrival, kClustered };

// Builds the segment at `path`, unless the file is there already, and opens it. Ids are `prefix`
// and the row's number. Prints how long the parts of a build take.
absl::StatusOr<std::shared_ptr<const index::Segment>> OpenVectorSegment(const VectorMatrix& matrix,
                                                                        Order order,
                                                                        const std::string& path,
                                                                        const std::string& prefix);

}  // namespace foraker::bench

#endif  // FORAKER_BENCH_VECTOR_SEGMENT_H_
