// Frozen document frequencies of a collection: the idf table's raw material.
//
// One file a published version (docs/format.md, kind "term statistics"): N, and (key, df)
// ascending, memory-mapped. N and df count live passages whose text holds the term (that is
// their vectors' terms, but for a namespace that has counted terms: index/segment/counted_terms.h).
// The numbers of a version never change; formulas, priors and mixing are the query side's
// (retrieval/idf.h).
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_INDEX_COLLECTION_TERM_STATISTICS_H_
#define FORAKER_INDEX_COLLECTION_TERM_STATISTICS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document_set.h"
#include "index/segment/segment.h"

namespace foraker::index {

// A segment and the passages of it that are no longer there.
struct LiveSegment {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const DocumentSet> deleted_documents;  // null: none
};

// What an idf is made of, wherever it was counted.
class DocumentFrequencies {
 public:
  virtual ~DocumentFrequencies() = default;
  virtual uint64_t num_passages() const = 0;
  virtual absl::StatusOr<uint64_t> DocumentFrequency(TermKey key) const = 0;  // 0 when unknown
};

class TermStatistics : public DocumentFrequencies {
 public:
  static absl::StatusOr<std::shared_ptr<const TermStatistics>> Open(std::string path);

  // Counts the live passages of `segments` and adds `others` (published tables of other shards);
  // writes the table to `path`. Deterministic.
  static absl::Status Write(std::span<const LiveSegment> segments,
                            std::span<const std::shared_ptr<const TermStatistics>> others,
                            std::string path);

  virtual std::span<const TermKey> keys() const = 0;  // ascending
  virtual const SectionFile& file() const = 0;
  // Every byte against its checksum, and the order of the keys.
  virtual absl::Status Verify() const = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_TERM_STATISTICS_H_
