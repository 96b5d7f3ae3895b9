#include "retrieval/documents.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "retrieval/field_values.h"

namespace foraker::retrieval {

bool IsDeleted(const index::LiveSegment& live, index::DocId document) {
  return live.deleted_documents != nullptr && live.deleted_documents->contains(document);
}

absl::StatusOr<FoundDocument> FindDocument(const index::Snapshot& snapshot, std::string_view id) {
  FoundDocument found;
  // The newest segments are last.
  for (size_t s = snapshot.segments.size(); s-- > 0;) {
    const index::LiveSegment& live = snapshot.segments[s];
    ASSIGN_OR_RETURN(const std::optional<index::DocId> document, live.segment->FindId(id));
    if (!document.has_value()) continue;
    if (!IsDeleted(live, *document)) {
      return FoundDocument{FoundDocument::State::kLive, {static_cast<uint32_t>(s), *document}};
    }
    found.state = FoundDocument::State::kDeleted;
  }
  return found;
}

absl::StatusOr<DocumentView> LoadDocument(const index::Segment& segment, index::DocId document,
                                          const DocumentParts& parts) {
  DocumentView view;
  ASSIGN_OR_RETURN(const std::string_view id, segment.Id(document));
  view.id = std::string(id);
  ASSIGN_OR_RETURN(view.version, segment.Version(document));
  if (parts.title || parts.text) {
    ASSIGN_OR_RETURN(index::TitleAndText loaded, segment.LoadText(document));
    if (parts.title) view.title = std::move(loaded.title);
    if (parts.text) view.text = std::move(loaded.text);
  }
  if (parts.fields) {
    ASSIGN_OR_RETURN(std::vector<index::Field> fields, segment.fields().Get(document));
    if (!parts.field_mask.empty()) {
      std::erase_if(fields, [&](const index::Field& field) {
        return std::find(parts.field_mask.begin(), parts.field_mask.end(), field.name) ==
               parts.field_mask.end();
      });
    }
    view.fields = ToFieldValues(fields);
  }
  return view;
}

absl::StatusOr<BestPassage> FindBestPassage(const index::Segment& segment, index::DocId document,
                                            const index::QueryVector& query) {
  ASSIGN_OR_RETURN(const index::PassageRange passages, segment.PassagesOf(document));
  BestPassage best{.passage = passages.begin, .ordinal = 0, .score = 0};
  for (index::PassageId passage = passages.begin; passage < passages.end; ++passage) {
    ASSIGN_OR_RETURN(const float score, segment.terms().Score(passage, query));
    if (score > best.score) best = {passage, passage - passages.begin, score};
  }
  return best;
}

}  // namespace foraker::retrieval
