// All live documents of a snapshot, a page at a time, in the order in which they are stored: by
// segment, then by ordinal. It says nothing of ids or of age, but is the same on every page.
//
// Pure function over an immutable snapshot. Errors: kDataLoss from a corrupt segment.

#ifndef FORAKER_RETRIEVAL_DOCUMENT_LIST_H_
#define FORAKER_RETRIEVAL_DOCUMENT_LIST_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "retrieval/api/searcher.h"
#include "retrieval/documents.h"
#include "retrieval/page_token.h"

namespace foraker::retrieval {

struct DocumentPage {
  std::vector<DocumentView> documents;
  std::optional<ListCursor> next;  // of the next live document, if any
};

absl::StatusOr<DocumentPage> ListDocuments(const index::Snapshot& snapshot, ListCursor from,
                                           uint32_t page_size, const DocumentParts& parts);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_DOCUMENT_LIST_H_
