// Exact top-k over a snapshot, with a certificate.
//
// The result is that of scoring every live, permitted passage by the definition in
// index/sparse_vector.h: hits ordered by score, then by document id (bytes), then (Collapse::kNone)
// by passage ordinal inside the document. Only passages with a score above zero are hits. With
// Collapse::kDocument a hit is a document with its best passage, equal passages going to the lower
// ordinal. Ids and score bits do not depend on how documents are spread over segments, on threads,
// or on the order inside a segment.
//
// Safe for concurrent calls on one snapshot. Errors: kInvalidArgument for an invalid query or
// option, kDataLoss from a corrupt file. A deadline or max_postings that stops the scan is no
// error: the certificate tells.

#ifndef FORAKER_INDEX_QUERY_TOP_K_H_
#define FORAKER_INDEX_QUERY_TOP_K_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/collection/snapshot.h"
#include "index/segment/document_set.h"
#include "index/sparse_vector.h"

namespace foraker::index {

enum class Collapse { kDocument, kNone };

// Results continue strictly after this hit in the order above (page cursors).
struct SearchAfter {
  float score;
  std::string id;
  uint32_t passage_in_document = 0;  // used with Collapse::kNone
};

struct SearchOptions {
  uint32_t k = 10;  // 0 is allowed and finds nothing
  Collapse collapse = Collapse::kDocument;
  // One set of permitted documents a segment of the snapshot, in its order; null: all.
  const std::vector<DocumentSet>* filter = nullptr;
  std::optional<SearchAfter> after;
  uint64_t max_postings = std::numeric_limits<uint64_t>::max();  // stop after touching so many
  absl::Time deadline = absl::InfiniteFuture();                  // stop when it has passed
  uint32_t threads = 1;  // segments are searched side by side on up to so many threads
};

struct SearchStats {
  uint64_t postings_predicted = 0;  // postings of the query's terms: the exhaustive cost
  uint64_t postings_scanned = 0;
  uint64_t passages_rescored = 0;
  uint64_t blocks = 0;  // blocks of passages in the segments searched
  uint64_t blocks_scanned = 0;
};

struct Hit {
  uint32_t segment;   // index into Snapshot::segments
  DocId document;     // in that segment
  PassageId passage;  // in that segment: the best one, or this one
  uint32_t passage_in_document;
  float score;
  std::string_view id;  // borrowed from the snapshot
};

// exact: no other document can be among the first k. Otherwise `bound` is a score that no document
// (passage, with kNone) outside the hits exceeds; hits carry their true scores.
struct Certificate {
  bool exact = true;
  float bound = 0;
};

struct TopKResult {
  std::vector<Hit> hits;
  Certificate certificate;
  SearchStats stats;
};

absl::StatusOr<TopKResult> TopK(const Snapshot& snapshot, const QueryVector& query,
                                const SearchOptions& options);

// Postings that an exhaustive scan of these terms would touch: known before anything is read.
absl::StatusOr<uint64_t> PredictPostings(const Snapshot& snapshot, const QueryVector& query);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_TOP_K_H_
