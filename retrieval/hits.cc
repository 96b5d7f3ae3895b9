#include "retrieval/hits.h"

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "retrieval/documents.h"
#include "retrieval/explanation.h"
#include "retrieval/passage_words.h"
#include "retrieval/snippets.h"

namespace foraker::retrieval {
namespace {

// Snippets and explanation: what needs the passage's words.
absl::Status AddWords(const SearchRequest& request, const BuiltQuery& query, const index::Hit& hit,
                      const index::Segment& segment, model::Analyzer::Session* session,
                      SearchHit& rendered) {
  index::SparseVector vector;
  RETURN_IF_ERROR(segment.terms().Forward(hit.passage, vector));
  const std::string& text = rendered.document.text;
  const PassageWords words =
      FindWords(text, rendered.passage_range, vector.view(), query.vector, session);
  if (request.snippet.has_value()) {
    rendered.snippets = MakeSnippets(text, rendered.passage_range, words,
                                     PartsOfScore(query.vector, vector.view()), *request.snippet);
  }
  if (request.explain) {
    rendered.explanation = Explanation{
        .document_id = rendered.document.id,
        .found = true,
        .permitted = true,
        .score = hit.score,
        .passage = hit.passage_in_document,
        .terms = ExplainTerms(query, vector.view(), text, rendered.passage_range, words),
        .reason = {}};
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SearchHit> RenderHit(const CollectionView& view, const SearchRequest& request,
                                    const BuiltQuery& query, const index::Hit& hit,
                                    model::Analyzer::Session* session) {
  const index::Segment& segment = *view.snapshot->segments[hit.segment].segment;
  const bool with_words = request.snippet.has_value() || request.explain;
  SearchHit rendered;
  ASSIGN_OR_RETURN(rendered.document, LoadDocument(segment, hit.document,
                                                   {.title = request.with_title,
                                                    .text = request.with_text || with_words,
                                                    .fields = request.with_fields,
                                                    .field_mask = request.field_mask}));
  rendered.score = hit.score;
  rendered.passage = hit.passage_in_document;
  ASSIGN_OR_RETURN(const index::PassageText range, segment.TextRange(hit.passage));
  rendered.passage_range = {range.begin, range.end};
  if (with_words) {
    RETURN_IF_ERROR(AddWords(request, query, hit, segment, session, rendered));
    if (!request.with_text) rendered.document.text.clear();
  }
  return rendered;
}

}  // namespace foraker::retrieval
