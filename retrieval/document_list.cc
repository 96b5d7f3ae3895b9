#include "retrieval/document_list.h"

#include <utility>

#include "base/status.h"

namespace foraker::retrieval {

absl::StatusOr<DocumentPage> ListDocuments(const index::Snapshot& snapshot, ListCursor from,
                                           uint32_t page_size, const DocumentParts& parts) {
  DocumentPage page;
  uint32_t document = from.document;
  for (uint32_t s = from.segment; s < snapshot.segments.size(); ++s, document = 0) {
    const index::LiveSegment& live = snapshot.segments[s];
    for (; document < live.segment->num_documents(); ++document) {
      if (IsDeleted(live, document)) continue;
      if (page.documents.size() == page_size) {
        page.next = ListCursor{.segment = s, .document = document};
        return page;
      }
      ASSIGN_OR_RETURN(DocumentView view, LoadDocument(*live.segment, document, parts));
      page.documents.push_back(std::move(view));
    }
  }
  return page;
}

}  // namespace foraker::retrieval
