#include "index/query/hits.h"

#include "base/status.h"

namespace foraker::index {

bool Precedes(const Hit& a, const Hit& b) {
  if (a.score != b.score) return a.score > b.score;
  if (const int order = a.id.compare(b.id); order != 0) return order < 0;
  return a.passage_in_document < b.passage_in_document;
}

bool IsAfter(const Hit& hit, const SearchAfter& after, Collapse collapse) {
  if (hit.score != after.score) return hit.score < after.score;
  if (const int order = hit.id.compare(after.id); order != 0) return order > 0;
  return collapse == Collapse::kNone && hit.passage_in_document > after.passage_in_document;
}

absl::StatusOr<Hit> BestPassage(const Segment& segment, std::span<const ResolvedTerm> query,
                                Hit hit) {
  ASSIGN_OR_RETURN(const PassageRange range, segment.PassagesOf(hit.document));
  if (range.end - range.begin == 1) return hit;
  for (PassageId passage = range.begin; passage < range.end; ++passage) {
    ASSIGN_OR_RETURN(const float score, segment.terms().forward().Score(passage, query));
    const bool better = score > hit.score || (score == hit.score && passage < hit.passage);
    if (!better) continue;
    hit.score = score;
    hit.passage = passage;
    hit.passage_in_document = passage - range.begin;
  }
  return hit;
}

}  // namespace foraker::index
