#include "index/collection/merge_segments.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/document_reader.h"
#include "index/segment/text_store.h"

namespace foraker::index {
namespace {

absl::Status CheckCancelled(const std::atomic<bool>* cancel) {
  if (cancel == nullptr || !cancel->load(std::memory_order_relaxed)) return absl::OkStatus();
  return absl::CancelledError("the merge was cancelled");
}

// The writer drops names of terms that no live document holds.
absl::Status CopyNames(const Segment& source, SegmentWriter& writer,
                       const std::atomic<bool>* cancel) {
  const TermIndex& terms = source.terms();
  RETURN_IF_ERROR(source.file().Touch(SectionId::kTermKeys, 0, terms.keys().size_bytes()));
  constexpr TermOrdinal kTermsBetweenLooks = 4096;
  for (TermOrdinal term = 0; term < terms.num_terms(); ++term) {
    if (term % kTermsBetweenLooks == 0) RETURN_IF_ERROR(CheckCancelled(cancel));
    const TermKey key = terms.keys()[term];
    if (writer.HasName(key)) continue;
    ASSIGN_OR_RETURN(const std::string_view name, source.TermName(term));
    if (!name.empty()) writer.Name(key, name);
  }
  return absl::OkStatus();
}

absl::Status CopyDocuments(const LiveSegment& source, SegmentWriter& writer,
                           const std::atomic<bool>* cancel) {
  const Segment& segment = *source.segment;
  ASSIGN_OR_RETURN(const std::vector<DocId> order, segment.texts().Order());
  DocumentReader reader(segment);
  for (const DocId id : order) {
    RETURN_IF_ERROR(CheckCancelled(cancel));
    if (source.deleted_documents != nullptr && source.deleted_documents->contains(id)) continue;
    ASSIGN_OR_RETURN(const Document document, reader.Read(id));
    RETURN_IF_ERROR(base::Annotate(writer.Add(document), segment.file().path()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MergeSegments(std::span<const LiveSegment> sources, SegmentWriter& writer,
                           const std::atomic<bool>* cancel) {
  for (const LiveSegment& source : sources) {
    RETURN_IF_ERROR(CopyDocuments(source, writer, cancel));
    RETURN_IF_ERROR(CopyNames(*source.segment, writer, cancel));
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
