#include "retrieval/explanation.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/term_key.h"

namespace foraker::retrieval {
namespace {

// Calls visit(term, entry) for every term of the query that the passage holds.
template <typename Visit>
void ForEachShared(const index::QueryVector& query, const index::SparseVectorView& passage,
                   Visit visit) {
  size_t entry = 0;
  for (size_t term = 0; term < query.size(); ++term) {
    while (entry < passage.keys.size() && passage.keys[entry] < query[term].key) ++entry;
    if (entry == passage.keys.size()) return;
    if (passage.keys[entry] == query[term].key) visit(term, entry);
  }
}

// Whether a document's best passage comes before the page, in the order of hits.
bool IsBefore(const index::SearchAfter& after, const BestPassage& best, const std::string& id,
              index::Collapse collapse) {
  if (best.score != after.score) return best.score > after.score;
  if (id != after.id) return id < after.id;
  return collapse == index::Collapse::kDocument || best.ordinal <= after.passage_in_document;
}

std::string ReasonOf(const FinishedSearch& search, const Explanation& explained,
                     DocumentAddress address, const BestPassage& best) {
  for (size_t i = 0; i < search.hits.size(); ++i) {
    const index::Hit& hit = search.hits[i];
    if (hit.segment == address.segment && hit.document == address.document) {
      return absl::StrFormat("it is hit %d", i + 1);
    }
  }
  if (search.query_document.has_value() && search.query_document->segment == address.segment &&
      search.query_document->document == address.document) {
    return "it is the document that the query names, which is left out";
  }
  if (!explained.permitted) return "the filter does not let it through";
  if (best.score == 0) return "it shares no term with the query";
  if (search.after.has_value() &&
      IsBefore(*search.after, best, explained.document_id, search.collapse)) {
    return "it is on an earlier page";
  }
  if (search.hits.empty()) {
    return search.exact ? "no hits were asked for"
                        : "the search was stopped before it came to this document";
  }
  const index::Hit& last = search.hits.back();
  if (best.score > last.score || !(best.score < last.score || explained.document_id > last.id)) {
    return "the search was stopped before it came to this document";
  }
  if (best.score == last.score) {
    return absl::StrFormat(
        "it has the score of the last of %d hits, %.9g, and comes behind it by its id",
        search.hits.size(), last.score);
  }
  return absl::StrFormat(
      "it ranks behind the last of %d hits: its score is %.9g, that of the hit %.9g",
      search.hits.size(), best.score, last.score);
}

}  // namespace

std::vector<double> PartsOfScore(const index::QueryVector& query,
                                 const index::SparseVectorView& passage) {
  std::vector<double> parts(query.size(), 0.0);
  ForEachShared(query, passage, [&](size_t term, size_t entry) {
    parts[term] = query[term].weight * base::Float16ToFloat(passage.weights[entry]);
  });
  return parts;
}

std::vector<TermContribution> ExplainTerms(const BuiltQuery& query,
                                           const index::SparseVectorView& vector,
                                           std::string_view text, ByteRange passage,
                                           const PassageWords& words) {
  std::vector<TermContribution> terms;
  terms.reserve(query.terms.size());
  for (size_t i = 0; i < query.terms.size(); ++i) {
    const BuiltTerm& term = query.terms[i];
    TermContribution& added = terms.emplace_back();
    added.kind = TermKindName(index::NamespaceOf(term.key));
    added.term = term.text;
    added.query_weight = query.vector[i].weight;
    added.document_frequency = term.document_frequency;
    added.idf = term.idf;
  }
  ForEachShared(query.vector, vector, [&](size_t term, size_t entry) {
    TermContribution& explained = terms[term];
    explained.stored_weight = base::Float16ToFloat(vector.weights[entry]);
    if (vector.positions.empty()) return;
    const index::Position position = vector.positions[entry];
    explained.in_title = position == index::kTitlePosition;
    if (explained.in_title || position == index::kNoPosition) return;
    explained.word = WordAt(text, passage, words.words, passage.begin + position);
    if (!explained.word.has_value()) return;
    explained.word_text =
        text.substr(explained.word->begin, explained.word->end - explained.word->begin);
  });
  return terms;
}

absl::StatusOr<Explanation> ExplainDocument(const FinishedSearch& search, const std::string& id) {
  const index::Snapshot& snapshot = *search.view.snapshot;
  Explanation explained;
  explained.document_id = id;
  ASSIGN_OR_RETURN(const FoundDocument found, FindDocument(snapshot, id));
  if (found.state != FoundDocument::State::kLive) {
    explained.reason = found.state == FoundDocument::State::kDeleted
                           ? "the document was deleted"
                           : "the collection has no document of this id";
    return explained;
  }
  const auto [segment_index, document] = found.address;
  const index::Segment& segment = *snapshot.segments[segment_index].segment;
  explained.found = true;
  explained.permitted =
      search.filter == nullptr || (*search.filter)[segment_index].contains(document);
  ASSIGN_OR_RETURN(const BestPassage best, FindBestPassage(segment, document, search.query.vector));
  explained.score = best.score;
  explained.passage = best.ordinal;
  ASSIGN_OR_RETURN(const index::PassageRange passages, segment.PassagesOf(document));
  if (passages.begin < passages.end) {
    index::SparseVector vector;
    RETURN_IF_ERROR(segment.terms().Forward(best.passage, vector));
    ASSIGN_OR_RETURN(const index::PassageText range, segment.TextRange(best.passage));
    ASSIGN_OR_RETURN(const index::TitleAndText text, segment.LoadText(document));
    const auto session = search.view.BorrowSession();
    const ByteRange passage{range.begin, range.end};
    const PassageWords words = FindWords(text.text, passage, vector.view(), search.query.vector,
                                         session ? &**session : nullptr);
    explained.terms = ExplainTerms(search.query, vector.view(), text.text, passage, words);
  }
  explained.reason = ReasonOf(search, explained, found.address, best);
  return explained;
}

}  // namespace foraker::retrieval
