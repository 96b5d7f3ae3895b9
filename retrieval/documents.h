// Documents of a snapshot by their id, and what a client sees of them.
//
// Pure functions over an immutable snapshot. Errors: kDataLoss from a corrupt segment.

#ifndef FORAKER_RETRIEVAL_DOCUMENTS_H_
#define FORAKER_RETRIEVAL_DOCUMENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "index/segment/segment.h"
#include "index/sparse_vector.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

struct DocumentAddress {
  uint32_t segment = 0;  // index into Snapshot::segments
  index::DocId document = 0;
};

struct FoundDocument {
  enum class State { kAbsent, kDeleted, kLive };
  State state = State::kAbsent;
  DocumentAddress address;  // of the live document
};

// Looks in every segment: an id that was written again is live in one of them and deleted in the
// others.
absl::StatusOr<FoundDocument> FindDocument(const index::Snapshot& snapshot, std::string_view id);

bool IsDeleted(const index::LiveSegment& live, index::DocId document);

struct DocumentParts {
  bool title = true, text = true, fields = true;
  std::vector<std::string> field_mask;  // empty: all fields
};

absl::StatusOr<DocumentView> LoadDocument(const index::Segment& segment, index::DocId document,
                                          const DocumentParts& parts);

struct BestPassage {
  index::PassageId passage = 0;  // in the segment
  uint32_t ordinal = 0;          // in the document
  float score = 0;
};

// The passage by which a document would be a hit: the highest score, then the lower ordinal. A
// document without passages scores 0.
absl::StatusOr<BestPassage> FindBestPassage(const index::Segment& segment, index::DocId document,
                                            const index::QueryVector& query);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_DOCUMENTS_H_
