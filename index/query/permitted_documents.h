// Which documents of a segment a search may return: not deleted, and in the filter when there is
// one.
//
// Borrows both sets. Immutable, safe for concurrent use.

#ifndef FORAKER_INDEX_QUERY_PERMITTED_DOCUMENTS_H_
#define FORAKER_INDEX_QUERY_PERMITTED_DOCUMENTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/term_statistics.h"
#include "index/query/product.h"
#include "index/segment/document_set.h"
#include "index/segment/segment.h"

namespace foraker::index {

class PermittedDocuments {
 public:
  PermittedDocuments(const LiveSegment& live, const DocumentSet* filter);

  bool Contains(DocId document) const {
    return (filter_ == nullptr || filter_->contains(document)) &&
           (deleted_ == nullptr || !deleted_->contains(document));
  }

  // No filter (there may be deleted documents).
  bool unfiltered() const { return filter_ == nullptr; }
  // Documents in the filter; the segment's documents without one.
  uint64_t upper_count() const { return upper_count_; }

  // The permitted documents, ascending. With a filter only.
  std::vector<DocId> List() const;

  // Sets the bounds of blocks without a permitted passage to 0. With a filter only; costs time in
  // proportion to the filter's documents.
  absl::Status DropBlocks(std::vector<Units>& bounds) const;

 private:
  const Segment& segment_;
  const DocumentSet* filter_;
  const DocumentSet* deleted_;
  uint64_t upper_count_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_PERMITTED_DOCUMENTS_H_
