// Segments in memory, for tests of the engine that make thousands of collections: vectors and ids
// alone, without texts or fields.

#ifndef FORAKER_TESTS_INDEX_MEMORY_SEGMENT_H_
#define FORAKER_TESTS_INDEX_MEMORY_SEGMENT_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "index/segment/memory_sections.h"
#include "index/segment/segment.h"

namespace foraker::index {

struct TestDocument {
  std::string id;
  std::vector<SparseVector> passages;
};

// `clustered`: in TermIndexBuilder's own order, else in order of arrival.
std::shared_ptr<const Segment> MakeSegment(std::span<const TestDocument> documents, bool clustered);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_MEMORY_SEGMENT_H_
