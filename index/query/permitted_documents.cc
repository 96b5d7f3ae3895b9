#include "index/query/permitted_documents.h"

#include <algorithm>

#include "base/status.h"
#include "index/postings/layout.h"

namespace foraker::index {

PermittedDocuments::PermittedDocuments(const LiveSegment& live, const DocumentSet* filter)
    : segment_(*live.segment),
      filter_(filter),
      deleted_(live.deleted_documents != nullptr && !live.deleted_documents->isEmpty()
                   ? live.deleted_documents.get()
                   : nullptr),
      upper_count_(filter == nullptr ? segment_.num_documents() : filter->cardinality()) {}

std::vector<DocId> PermittedDocuments::List() const {
  std::vector<DocId> documents(filter_->cardinality());
  filter_->toUint32Array(documents.data());
  std::erase_if(documents, [this](DocId document) {
    return document >= segment_.num_documents() ||
           (deleted_ != nullptr && deleted_->contains(document));
  });
  return documents;
}

absl::Status PermittedDocuments::DropBlocks(std::vector<Units>& bounds) const {
  std::vector<uint8_t> kept(bounds.size());
  for (const DocId document : List()) {
    ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
    if (range.begin == range.end) continue;
    const uint32_t last = std::min<uint32_t>((range.end - 1) / kBlockPassages,
                                             static_cast<uint32_t>(kept.size()) - 1);
    for (uint32_t block = range.begin / kBlockPassages; block <= last; ++block) kept[block] = 1;
  }
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (kept[i] == 0) bounds[i] = 0;
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
