#include "retrieval/reranked_searcher.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/lap_timer.h"
#include "retrieval/page_token.h"

namespace foraker::retrieval {
namespace {

// What is read of a candidate: more than any model's tokens for one document, and 500 candidates
// stay below what a request to a reranker may hold. Passages are far shorter, unless they were
// imported with vectors of their own.
constexpr size_t kTitleBytes = 4 << 10;
constexpr size_t kPassageBytes = 24 << 10;

// The first bytes of a text, cut between characters.
std::string_view Head(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

RankDocument ToRead(const SearchHit& hit) {
  const std::string_view text = hit.document.text;
  const std::string_view passage =
      text.substr(std::min<size_t>(hit.passage_range.begin, text.size()),
                  hit.passage_range.end - hit.passage_range.begin);
  return {.title = std::string(Head(hit.document.title, kTitleBytes)),
          .text = std::string(Head(passage, kPassageBytes))};
}

SearchRequest FirstStage(const SearchRequest& request) {
  SearchRequest stage = request;
  stage.rerank.reset();
  stage.k = request.rerank->candidates;
  stage.want_page_token = false;
  stage.with_title = stage.with_text = true;
  return stage;
}

// Without what later pages read again.
SearchHit WithoutBody(const SearchHit& hit) {
  SearchHit kept;
  kept.document.id = hit.document.id;
  kept.document.version = hit.document.version;
  kept.score = hit.score;
  kept.passage = hit.passage;
  kept.passage_range = hit.passage_range;
  kept.snippets = hit.snippets;
  kept.explanation = hit.explanation;
  kept.rank_score = hit.rank_score;
  return kept;
}

// Leaves the parts that the request asks for.
void Mask(const SearchRequest& request, DocumentView& document) {
  if (!request.with_title) document.title.clear();
  if (!request.with_text) document.text.clear();
  if (!request.with_fields) document.fields.clear();
  const std::vector<std::string>& mask = request.field_mask;
  if (mask.empty()) return;
  std::erase_if(document.fields, [&mask](const auto& field) {
    return std::find(mask.begin(), mask.end(), field.first) == mask.end();
  });
}

// Hits in the order of `ranked`, whose documents were those of the hits at `read`; hits that were
// not read follow.
absl::StatusOr<std::vector<SearchHit>> InOrder(std::vector<SearchHit> hits,
                                               const std::vector<size_t>& read,
                                               const RankResult& ranked) {
  std::vector<SearchHit> ordered;
  ordered.reserve(hits.size());
  std::vector<bool> taken(hits.size());
  for (const RankedDocument& document : ranked.documents) {
    if (document.index >= read.size() || taken[read[document.index]]) {
      return absl::InternalError(absl::StrFormat(
          "the order of model \"%s\" holds document %d of %d twice or names one that it was not "
          "given",
          ranked.model, document.index, read.size()));
    }
    taken[read[document.index]] = true;
    ordered.push_back(std::move(hits[read[document.index]]));
    ordered.back().rank_score = document.score;
  }
  if (ordered.size() != read.size()) {
    return absl::InternalError(absl::StrFormat("model \"%s\" ranked %d of %d documents",
                                               ranked.model, ordered.size(), read.size()));
  }
  for (size_t i = 0; i < hits.size(); ++i) {
    if (!taken[i]) ordered.push_back(std::move(hits[i]));
  }
  return ordered;
}

class RerankedSearcher : public Searcher {
 public:
  RerankedSearcher(std::shared_ptr<Searcher> searcher, std::shared_ptr<Reranker> reranker,
                   RerankedSearcherOptions options)
      : searcher_(std::move(searcher)),
        reranker_(std::move(reranker)),
        limits_(options.limits),
        orders_(options.orders, std::move(options.clock)) {}

  absl::StatusOr<SearchResult> Search(const SearchRequest& request) override {
    if (!request.rerank.has_value()) return searcher_->Search(request);
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    return request.page_token.empty() ? FirstPage(request) : LaterPage(request);
  }

  absl::StatusOr<uint64_t> PredictPostings(const SearchRequest& request) override {
    if (!request.rerank.has_value()) return searcher_->PredictPostings(request);
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    if (!request.page_token.empty()) {
      RETURN_IF_ERROR(PlaceOf(request).status());
      return 0;  // a stored order is walked without a scan
    }
    return searcher_->PredictPostings(FirstStage(request));
  }

  absl::StatusOr<PinnedSnapshot> Pin(std::string_view collection, absl::Duration lease) override {
    return searcher_->Pin(collection, lease);
  }
  absl::Status Release(std::string_view token) override { return searcher_->Release(token); }
  absl::StatusOr<std::vector<DocumentView>> Get(std::string_view collection,
                                                std::string_view snapshot,
                                                const std::vector<std::string>& ids) override {
    return searcher_->Get(collection, snapshot, ids);
  }
  absl::StatusOr<ListResult> List(const ListRequest& request) override {
    return searcher_->List(request);
  }
  absl::StatusOr<std::vector<AnalyzedTerm>> Analyze(std::string_view collection,
                                                    std::string_view snapshot,
                                                    std::string_view text) override {
    return searcher_->Analyze(collection, snapshot, text);
  }
  absl::StatusOr<std::vector<Link>> Links(std::string_view collection, std::string_view snapshot,
                                          const std::vector<PassageName>& passages) override {
    return searcher_->Links(collection, snapshot, passages);
  }
  absl::StatusOr<std::vector<CollectionSummary>> Collections() override {
    return searcher_->Collections();
  }
  absl::StatusOr<CollectionSummary> Describe(std::string_view collection) override {
    return searcher_->Describe(collection);
  }
  absl::StatusOr<std::string> Resolve(std::string_view collection) override {
    return searcher_->Resolve(collection);
  }

 private:
  // Where a page begins: in which order, after how many hits.
  struct Place {
    std::shared_ptr<const StoredOrder> order;
    std::string key;
    size_t begin = 0;
  };

  absl::StatusOr<SearchResult> FirstPage(const SearchRequest& request) {
    LapTimer timer;
    SearchRequest stage = FirstStage(request);
    std::shared_ptr<const HeldSnapshot> held;
    if (request.want_page_token && request.snapshot.empty()) {
      ASSIGN_OR_RETURN(PinnedSnapshot pinned,
                       searcher_->Pin(request.collection, absl::ZeroDuration()));
      stage.snapshot = pinned.token;
      held = std::make_shared<const HeldSnapshot>(searcher_, std::move(pinned.token));
    }
    ASSIGN_OR_RETURN(SearchResult result, searcher_->Search(stage));
    timer.Lap();
    if (absl::Status status = Rerank(request, result); !status.ok()) {
      return base::Annotate(status, "rerank");
    }
    result.timing.rerank = timer.Lap();
    if (request.want_page_token && result.hits.size() > request.k) {
      ASSIGN_OR_RETURN(const std::string key, orders_.Keep({.result = WithoutBodies(result),
                                                            .snapshot = std::move(stage.snapshot),
                                                            .held = std::move(held)}));
      result.next_page_token = TokenOf(request, key, request.k);
    }
    if (result.hits.size() > request.k) result.hits.resize(request.k);
    for (SearchHit& hit : result.hits) Mask(request, hit.document);
    result.timing.total = timer.Total();
    return result;
  }

  absl::StatusOr<SearchResult> LaterPage(const SearchRequest& request) {
    LapTimer timer;
    ASSIGN_OR_RETURN(const Place place, PlaceOf(request));
    const std::vector<SearchHit>& hits = place.order->result.hits;
    const size_t end = std::min(hits.size(), place.begin + request.k);
    SearchResult result = WithoutHits(place.order->result);
    result.hits.assign(hits.begin() + static_cast<std::ptrdiff_t>(place.begin),
                       hits.begin() + static_cast<std::ptrdiff_t>(end));
    result.postings_predicted = result.postings_scanned = result.passages_rescored = 0;
    result.timing = {};
    RETURN_IF_ERROR(FetchBodies(request, place.order->snapshot, result.hits));
    if (end < hits.size()) result.next_page_token = TokenOf(request, place.key, end);
    result.timing.fetch = result.timing.total = timer.Total();
    return result;
  }

  absl::StatusOr<Place> PlaceOf(const SearchRequest& request) {
    ASSIGN_OR_RETURN(PageToken token, DecodePageToken(request.page_token));
    const auto* cursor = std::get_if<OrderCursor>(&token.position);
    if (cursor == nullptr || token.fingerprint != Fingerprint(request)) {
      return TokenOfAnotherRequest();
    }
    Place place{.order = nullptr, .key = std::move(token.snapshot), .begin = cursor->place};
    ASSIGN_OR_RETURN(place.order, orders_.Use(place.key));
    if (!request.snapshot.empty() && request.snapshot != place.order->snapshot) {
      return SnapshotOfAnotherPage();
    }
    if (place.begin >= place.order->result.hits.size()) return TokenOfAnotherRequest();
    return place;
  }

  absl::Status Rerank(const SearchRequest& request, SearchResult& result) {
    RankRequest rank{.query = std::get<TextQuery>(request.query).text,
                     .documents = {},
                     .options = request.rerank->options};
    std::vector<size_t> read;
    for (size_t i = 0; i < result.hits.size(); ++i) {
      RankDocument document = ToRead(result.hits[i]);
      if (IsBlank(document)) continue;
      rank.documents.push_back(std::move(document));
      read.push_back(i);
    }
    if (read.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const RankResult ranked, reranker_->Rank(rank));
    result.rank_tokens = ranked.tokens;
    for (const RankedDocument& document : ranked.documents) {
      result.rank_tokens_dropped += document.tokens_dropped;
    }
    ASSIGN_OR_RETURN(result.hits, InOrder(std::move(result.hits), read, ranked));
    return absl::OkStatus();
  }

  // Titles, texts and fields, as far as the request asks for any.
  absl::Status FetchBodies(const SearchRequest& request, const std::string& snapshot,
                           std::vector<SearchHit>& hits) {
    if (!request.with_title && !request.with_text && !request.with_fields) return absl::OkStatus();
    std::vector<std::string> ids;
    std::map<std::string, size_t, std::less<>> place_of;  // several hits may be of one document
    for (const SearchHit& hit : hits) {
      if (place_of.emplace(hit.document.id, ids.size()).second) ids.push_back(hit.document.id);
    }
    ASSIGN_OR_RETURN(std::vector<DocumentView> documents,
                     searcher_->Get(request.collection, snapshot, ids));
    for (DocumentView& document : documents) Mask(request, document);
    for (SearchHit& hit : hits) hit.document = documents[place_of.find(hit.document.id)->second];
    return absl::OkStatus();
  }

  static SearchResult WithoutHits(const SearchResult& result) {
    SearchResult rest;
    rest.exact = result.exact;
    rest.bound = result.bound;
    rest.facets = result.facets;
    rest.explanations = result.explanations;
    rest.generation = result.generation;
    rest.idf_version = result.idf_version;
    rest.filtered_documents = result.filtered_documents;
    rest.terms_known = result.terms_known;
    rest.terms_unknown = result.terms_unknown;
    rest.query_tokens_dropped = result.query_tokens_dropped;
    rest.rank_tokens = result.rank_tokens;
    rest.rank_tokens_dropped = result.rank_tokens_dropped;
    return rest;
  }

  static SearchResult WithoutBodies(const SearchResult& result) {
    SearchResult kept = WithoutHits(result);
    kept.hits.reserve(result.hits.size());
    for (const SearchHit& hit : result.hits) kept.hits.push_back(WithoutBody(hit));
    return kept;
  }

  static std::string TokenOf(const SearchRequest& request, const std::string& key, size_t place) {
    return EncodePageToken({.fingerprint = Fingerprint(request),
                            .snapshot = key,
                            .position = OrderCursor{.place = static_cast<uint32_t>(place)}});
  }

  const std::shared_ptr<Searcher> searcher_;
  const std::shared_ptr<Reranker> reranker_;
  const RequestLimits limits_;
  StoredOrders orders_;
};

}  // namespace

std::unique_ptr<Searcher> MakeRerankedSearcher(std::shared_ptr<Searcher> searcher,
                                               std::shared_ptr<Reranker> reranker,
                                               RerankedSearcherOptions options) {
  return std::make_unique<RerankedSearcher>(std::move(searcher), std::move(reranker),
                                            std::move(options));
}

}  // namespace foraker::retrieval
