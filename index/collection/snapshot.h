// What one search sees: segments, what is deleted in them, and one version of the term statistics.
// Immutable; whoever holds the pointer keeps every file of it readable.

#ifndef FORAKER_INDEX_COLLECTION_SNAPSHOT_H_
#define FORAKER_INDEX_COLLECTION_SNAPSHOT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "index/collection/term_statistics.h"

namespace foraker::index {

struct Snapshot {
  std::string collection;   // the collection's own name, aliases resolved
  uint64_t generation = 0;  // rises by one with every publish
  uint64_t sequence = 0;    // number of the last write it holds
  std::string settings;     // opaque to the index: the collection's schema and encoder
  std::vector<LiveSegment> segments;
  uint64_t idf_version = 0;  // generation at which `statistics` was published; 0: none
  std::shared_ptr<const TermStatistics> statistics;  // null while idf_version is 0
  uint64_t live_documents = 0;
  uint64_t live_passages = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_SNAPSHOT_H_
