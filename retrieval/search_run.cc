#include "retrieval/search_run.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/documents.h"
#include "retrieval/explanation.h"
#include "retrieval/facets.h"
#include "retrieval/filters.h"
#include "retrieval/hits.h"
#include "retrieval/lap_timer.h"

namespace foraker::retrieval {
namespace {

absl::StatusOr<DocumentAddress> FindQueryDocument(const CollectionView& view,
                                                  const DocumentQuery& query) {
  ASSIGN_OR_RETURN(const FoundDocument found, FindDocument(*view.snapshot, query.document_id));
  if (found.state == FoundDocument::State::kLive) return found.address;
  return absl::NotFoundError(absl::StrFormat(
      "query.document_id: the collection has no document \"%s\"", query.document_id));
}

absl::StatusOr<BuiltQuery> FromDocument(const CollectionView& view, DocumentAddress address) {
  const index::Segment& segment = *view.snapshot->segments[address.segment].segment;
  ASSIGN_OR_RETURN(const index::PassageRange range, segment.PassagesOf(address.document));
  std::vector<index::SparseVector> passages(range.end - range.begin);
  for (size_t i = 0; i < passages.size(); ++i) {
    RETURN_IF_ERROR(segment.terms().Forward(range.begin + static_cast<uint32_t>(i), passages[i]));
  }
  const auto name_of = [&segment](index::TermKey key) -> std::string {
    const auto term = segment.terms().Find(key);
    if (!term.ok() || !term->has_value()) return {};
    return std::string(segment.TermName(**term).value_or(std::string_view()));
  };
  return view.queries->FromDocument(passages, name_of, view.idf);
}

absl::StatusOr<bool> IsHeld(const index::Snapshot& snapshot, index::TermKey key) {
  for (const index::LiveSegment& live : snapshot.segments) {
    ASSIGN_OR_RETURN(const auto term, live.segment->terms().Find(key));
    if (term.has_value()) return true;
  }
  return false;
}

// The builder judges by the published statistics, which count the words of texts. Segments that are
// newer than these (what was written since) may hold terms that they lack; such terms are searched
// with the idf of df 0. And a learned token that stands in no text is known only if a passage has
// it from the encoder.
absl::Status CheckAgainstSegments(const index::Snapshot& snapshot, BuiltQuery& query) {
  std::vector<BuiltTerm> terms, unknown;
  for (BuiltTerm& term : query.terms) {
    bool held = true;
    if (term.document_frequency == 0) {
      ASSIGN_OR_RETURN(held, IsHeld(snapshot, term.key));
    }
    (held ? terms : unknown).push_back(std::move(term));
  }
  for (BuiltTerm& term : query.unknown) {
    bool held = false;
    if (term.weight > 0) {
      ASSIGN_OR_RETURN(held, IsHeld(snapshot, term.key));
    }
    (held ? terms : unknown).push_back(std::move(term));
  }
  std::sort(terms.begin(), terms.end(),
            [](const BuiltTerm& a, const BuiltTerm& b) { return a.key < b.key; });
  query.vector.clear();
  for (const BuiltTerm& term : terms) query.vector.push_back({term.key, term.weight});
  query.terms = std::move(terms);
  query.unknown = std::move(unknown);
  return absl::OkStatus();
}

// What the builder makes of the query, by the published statistics alone.
absl::StatusOr<BuiltQuery> BuildByStatistics(const CollectionView& view, const Query& query) {
  if (const auto* text = std::get_if<TextQuery>(&query)) {
    return view.queries->FromText(*text, view.idf);
  }
  if (const auto* terms = std::get_if<SparseQuery>(&query)) {
    return view.queries->FromTerms(*terms, view.idf);
  }
  ASSIGN_OR_RETURN(const DocumentAddress address,
                   FindQueryDocument(view, std::get<DocumentQuery>(query)));
  return FromDocument(view, address);
}

// A run in progress; its steps are called in the order in which they stand.
class Run {
 public:
  Run(const CollectionView& view, const SearchRequest& request, const SearchRunOptions& options)
      : view_(view), snapshot_(*view.snapshot), request_(request), options_(options) {}

  absl::StatusOr<SearchRun> Execute() {
    SearchResult& result = run_.result;
    result.generation = snapshot_.generation;
    result.idf_version = snapshot_.idf_version;
    RETURN_IF_ERROR(MakeQuery());
    result.timing.query = timer_.Lap();
    RETURN_IF_ERROR(MakeFilter());
    result.timing.filter = timer_.Lap();
    RETURN_IF_ERROR(Retrieve());
    result.timing.retrieve = timer_.Lap();
    RETURN_IF_ERROR(Fetch());
    result.timing.fetch = timer_.Lap();
    result.timing.total = timer_.Total();
    return std::move(run_);
  }

 private:
  absl::Status MakeQuery() {
    if (const auto* document = std::get_if<DocumentQuery>(&request_.query)) {
      ASSIGN_OR_RETURN(query_document_, FindQueryDocument(view_, *document));
    }
    ASSIGN_OR_RETURN(query_, BuildQuery(view_, request_.query));
    run_.result.terms_known = static_cast<uint32_t>(query_.terms.size());
    run_.result.terms_unknown = static_cast<uint32_t>(query_.unknown.size());
    run_.result.query_tokens_dropped = query_.tokens_dropped;
    return absl::OkStatus();
  }

  absl::Status MakeFilter() {
    if (request_.filter.has_value()) {
      ASSIGN_OR_RETURN(permitted_, Evaluate(*request_.filter, snapshot_));
    }
    run_.result.filtered_documents =
        permitted_.has_value() ? CountDocuments(*permitted_) : snapshot_.live_documents;
    if (query_document_.has_value()) {
      searched_ = permitted_.has_value() ? *permitted_ : LiveDocuments(snapshot_);
      (*searched_)[query_document_->segment].remove(query_document_->document);
    }
    return absl::OkStatus();
  }

  // One scan serves the page, the look-ahead, and facets over the best hits of a first page.
  absl::Status Retrieve() {
    const bool look_ahead = options_.look_ahead && request_.k > 0;
    uint32_t wanted = request_.k + (look_ahead ? 1 : 0);
    if (!options_.after.has_value()) wanted = std::max(wanted, FacetHits());
    ASSIGN_OR_RETURN(index::TopKResult found, Scan(wanted, options_.after));
    hits_ = std::move(found.hits);

    SearchResult& result = run_.result;
    result.postings_predicted = found.stats.postings_predicted;
    result.postings_scanned = found.stats.postings_scanned;
    result.passages_rescored = found.stats.passages_rescored;
    page_size_ = std::min<size_t>(request_.k, hits_.size());
    Certify(found.certificate);
    if (look_ahead && hits_.size() > page_size_) {
      const index::Hit& last = hits_[page_size_ - 1];
      run_.next = index::SearchAfter{.score = last.score,
                                     .id = std::string(last.id),
                                     .passage_in_document = last.passage_in_document};
    }
    return absl::OkStatus();
  }

  // The scan's certificate is about all that it found; the page may be less.
  void Certify(const index::Certificate& scan) {
    SearchResult& result = run_.result;
    const bool full = page_size_ > 0 && page_size_ == request_.k;
    result.exact = scan.exact || (full && hits_[page_size_ - 1].score > scan.bound);
    if (result.exact) return;
    result.bound = scan.bound;
    if (hits_.size() > page_size_) result.bound = std::max(result.bound, hits_[page_size_].score);
  }

  absl::StatusOr<index::TopKResult> Scan(uint32_t k,
                                         const std::optional<index::SearchAfter>& after) const {
    index::SearchOptions options;
    options.k = k;
    options.collapse = Collapse();
    options.filter = Searched();
    options.after = after;
    options.max_postings = request_.max_postings;
    options.deadline = request_.deadline;
    options.threads = options_.threads;
    return index::TopK(snapshot_, query_.vector, options);
  }

  absl::Status Fetch() {
    SearchResult& result = run_.result;
    RETURN_IF_ERROR(CountFacets());
    const std::vector<index::Hit> page(hits_.begin(),
                                       hits_.begin() + static_cast<std::ptrdiff_t>(page_size_));
    const auto session = view_.BorrowSession();
    result.hits.reserve(page.size());
    for (const index::Hit& hit : page) {
      ASSIGN_OR_RETURN(SearchHit rendered,
                       RenderHit(view_, request_, query_, hit, session ? &**session : nullptr));
      result.hits.push_back(std::move(rendered));
    }
    const FinishedSearch finished{.view = view_,
                                  .query = query_,
                                  .filter = permitted_.has_value() ? &*permitted_ : nullptr,
                                  .query_document = query_document_,
                                  .after = options_.after,
                                  .collapse = Collapse(),
                                  .hits = page,
                                  .exact = result.exact};
    for (const std::string& id : request_.explain_ids) {
      ASSIGN_OR_RETURN(Explanation explanation, ExplainDocument(finished, id));
      result.explanations.push_back(std::move(explanation));
    }
    return absl::OkStatus();
  }

  absl::Status CountFacets() {
    if (request_.facets.empty()) return absl::OkStatus();
    if (options_.after.has_value() && FacetHits() > 0) {
      ASSIGN_OR_RETURN(index::TopKResult found, Scan(FacetHits(), std::nullopt));
      best_hits_ = std::move(found.hits);
    }
    DocumentSets all;
    for (const FacetRequest& facet : request_.facets) {
      if (facet.best_hits == 0 && all.empty()) {
        all = permitted_.has_value() ? *permitted_ : LiveDocuments(snapshot_);
      }
      ASSIGN_OR_RETURN(
          Facet counted,
          CountFacet(facet, snapshot_, facet.best_hits == 0 ? all : BestHits(facet.best_hits)));
      run_.result.facets.push_back(std::move(counted));
    }
    return absl::OkStatus();
  }

  DocumentSets BestHits(uint32_t count) const {
    const std::vector<index::Hit>& hits = options_.after.has_value() ? best_hits_ : hits_;
    DocumentSets best(snapshot_.segments.size());
    for (size_t i = 0; i < std::min<size_t>(count, hits.size()); ++i) {
      best[hits[i].segment].add(hits[i].document);
    }
    return best;
  }

  // The most hits that a facet is to be counted over.
  uint32_t FacetHits() const {
    uint32_t most = 0;
    for (const FacetRequest& facet : request_.facets) most = std::max(most, facet.best_hits);
    return most;
  }

  index::Collapse Collapse() const {
    return request_.collapse == CollapseMode::kDocument ? index::Collapse::kDocument
                                                        : index::Collapse::kNone;
  }

  const DocumentSets* Searched() const {
    if (searched_.has_value()) return &*searched_;
    return permitted_.has_value() ? &*permitted_ : nullptr;
  }

  const CollectionView& view_;
  const index::Snapshot& snapshot_;
  const SearchRequest& request_;
  const SearchRunOptions& options_;
  LapTimer timer_;
  SearchRun run_;
  BuiltQuery query_;
  std::optional<DocumentAddress> query_document_;
  std::optional<DocumentSets> permitted_;  // by the request's filter
  std::optional<DocumentSets> searched_;   // permitted, without the query's document
  std::vector<index::Hit> hits_;           // the page, and what was found beyond it
  std::vector<index::Hit> best_hits_;      // of the first page, for facets of a later one
  size_t page_size_ = 0;
};

}  // namespace

absl::StatusOr<BuiltQuery> BuildQuery(const CollectionView& view, const Query& query) {
  ASSIGN_OR_RETURN(BuiltQuery built, BuildByStatistics(view, query));
  RETURN_IF_ERROR(CheckAgainstSegments(*view.snapshot, built));
  return built;
}

absl::StatusOr<SearchRun> RunSearch(const CollectionView& view, const SearchRequest& request,
                                    const SearchRunOptions& options) {
  return Run(view, request, options).Execute();
}

}  // namespace foraker::retrieval
