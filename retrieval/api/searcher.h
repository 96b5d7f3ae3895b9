// What the rest of the system may ask of a searched collection: the interface that the command
// line, the gRPC services, the reranker and the agent share. Implementations: LocalSearcher over a
// data directory (retrieval/local_searcher.h), a gRPC client (services/client).
//
// Plain structs, no protobuf, no index types. Thread-safe. Every call runs on exactly one snapshot:
// the pinned one when a token is given, else the newest. Errors (docs/architecture.md 4.5):
// kInvalidArgument names the field and what was expected; kNotFound for a collection or document;
// kFailedPrecondition for an expired snapshot; kDeadlineExceeded is not used for searches: a scan
// that a deadline stops returns what it has and says so in the certificate.

#ifndef FORAKER_RETRIEVAL_API_SEARCHER_H_
#define FORAKER_RETRIEVAL_API_SEARCHER_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "retrieval/api/query_encoding.h"
#include "retrieval/api/reranker.h"

namespace foraker::retrieval {

// ---- queries ----

// A term by its name; the key is made where the collection is.
struct NamedTerm {
  enum class Kind { kToken, kStem, kTitle, kImported };
  Kind kind = Kind::kStem;
  std::string text;  // as written; a title is normalised, a stem is taken as it is
  float weight = 0;  // final weight, > 0: no idf is applied
};

struct TextQuery {
  std::string text;
  // Overrides of the collection's query side (unset: its settings).
  std::optional<float> stem_weight;   // factor on the stems' idf
  std::optional<float> title_weight;  // weight of title terms mentioned in the query; 0: none
  std::optional<QueryEncoding> encoding = std::nullopt;  // of learned terms
};
struct SparseQuery {
  std::vector<NamedTerm> terms;
};
struct DocumentQuery {  // more like this document; it is left out of the hits
  std::string document_id;
};
using Query = std::variant<TextQuery, SparseQuery, DocumentQuery>;

// ---- filters ----

using Value = std::variant<std::string, int64_t, double, bool, absl::Time>;

struct Filter {
  enum class Kind { kAnd, kOr, kNot, kEquals, kIn, kRange, kExists };
  Kind kind = Kind::kAnd;
  std::vector<Filter> operands;    // kAnd, kOr (any number), kNot (one)
  std::string field;               // "_id" is the document's id (kEquals and kIn)
  std::vector<Value> values;       // kEquals (one), kIn
  std::optional<Value> low, high;  // kRange
  bool low_inclusive = true, high_inclusive = true;
};

// ---- search ----

enum class CollapseMode { kDocument, kNone };

struct FacetRequest {
  std::string field;
  uint32_t limit = 10;  // values returned
  // 0: over all documents that pass the filter; else over the best so many hits.
  uint32_t best_hits = 0;
};

struct SnippetRequest {
  uint32_t max_chars = 240;  // about; cut at word ends
  uint32_t count = 1;        // fragments a hit
};

// The best hits are read by a language model and ordered anew (retrieval/reranked_searcher.h).
struct RerankStage {
  uint32_t candidates = 100;
  // Its deadline, cancelled and caller are those of the reading alone: SearchRequest.deadline ends
  // the scan before it. top_n must be 0, for the page says how many hits are returned.
  RankOptions options;
};

struct SearchRequest {
  std::string collection;
  std::string snapshot;  // token of Pin; empty: the newest
  Query query;
  std::optional<Filter> filter;
  uint32_t k = 10;
  CollapseMode collapse = CollapseMode::kDocument;
  std::string page_token;        // of an earlier response; holds the snapshot
  bool want_page_token = false;  // leases a snapshot
  bool with_title = true, with_text = true, with_fields = true;
  std::vector<std::string> field_mask;  // fields to return; empty: all
  std::optional<SnippetRequest> snippet;
  bool explain = false;
  std::vector<std::string> explain_ids;  // also explain these documents: why are they not there
  std::vector<FacetRequest> facets;
  uint64_t max_postings = std::numeric_limits<uint64_t>::max();
  absl::Time deadline = absl::InfiniteFuture();
  std::optional<RerankStage> rerank;
};

struct ByteRange {
  uint32_t begin = 0, end = 0;
};

struct Snippet {
  std::string text;
  ByteRange source;                   // in the document's text
  std::vector<ByteRange> highlights;  // in `text`, ascending, disjoint
};

// One term's part of a score; products summed in this order give the score's bits.
struct TermContribution {
  std::string kind;  // "token", "stem", "title", "imported"
  std::string term;
  float query_weight = 0;
  float stored_weight = 0;  // 0: the passage lacks it
  uint64_t document_frequency = 0;
  double idf = 0;
  // The word that the weight came from: in the document's text, or one of the title (which has no
  // range). A term may have neither.
  std::optional<ByteRange> word;
  std::string word_text;  // of `word`
  bool in_title = false;
};

struct Explanation {
  std::string document_id;
  bool found = false;     // the document exists
  bool permitted = true;  // the filter lets it through
  float score = 0;
  uint32_t passage = 0;
  std::vector<TermContribution> terms;
  std::string reason;  // of explain_ids, a sentence: "the filter does not let it through"
};

using FieldValues = std::vector<std::pair<std::string, std::vector<Value>>>;

struct DocumentView {
  std::string id;
  uint64_t version = 0;
  std::string title, text;
  FieldValues fields;
};

struct SearchHit {
  DocumentView document;  // parts the request asked for
  float score = 0;
  uint32_t passage = 0;     // ordinal in the document
  ByteRange passage_range;  // in the document's text
  std::vector<Snippet> snippets;
  std::optional<Explanation> explanation;
  std::optional<float> rank_score;  // of a rerank
};

struct FacetValue {
  Value value;
  uint64_t count = 0;
};
struct Facet {
  std::string field;
  std::vector<FacetValue> values;  // by count, then value
  uint64_t other = 0;              // sum of the counts of values that were cut
};

struct SearchTiming {  // microseconds
  uint64_t query = 0, filter = 0, retrieve = 0, fetch = 0, total = 0, rerank = 0;
};

struct SearchResult {
  std::vector<SearchHit> hits;
  bool exact = true;
  float bound = 0;  // when not exact: no unseen document scores above
  std::string next_page_token;
  std::vector<Facet> facets;
  std::vector<Explanation> explanations;  // of explain_ids
  uint64_t generation = 0, idf_version = 0;
  uint64_t postings_predicted = 0, postings_scanned = 0, passages_rescored = 0;
  uint64_t filtered_documents = 0;  // that pass the filter; live documents without one
  uint32_t terms_known = 0, terms_unknown = 0;
  // Tokens of the query's text that the encoder did not read; 0 for a look-up, which reads all.
  uint32_t query_tokens_dropped = 0;
  uint32_t rank_tokens = 0, rank_tokens_dropped = 0;  // of a rerank's prompt
  SearchTiming timing;
};

// ---- snapshots, documents, analysis, links ----

struct PinnedSnapshot {
  std::string token;
  uint64_t generation = 0;
  absl::Time expires;
};

struct ListRequest {
  std::string collection, snapshot, page_token;
  uint32_t page_size = 100;
  bool with_text = false;
};
struct ListResult {
  std::vector<DocumentView> documents;
  std::string next_page_token;
};

struct AnalyzedTerm {
  std::string kind, term;
  double idf = 0;
  uint64_t document_frequency = 0;
  float weight = 0;  // that a text query of this text gives it, as the collection weighs by look-up
  ByteRange range;   // in the analysed text
};

struct PassageName {
  std::string document_id;
  uint32_t passage = 0;
};
struct Link {
  PassageName source;
  ByteRange range;                        // in the source document's text
  std::string title;                      // normalised
  std::vector<std::string> document_ids;  // that bear it, at most 8
  double title_idf = 0;                   // mean idf of the title's words
};

// Documents, passages and segments are those of the newest snapshot, the buffer included; `bytes`
// are those of files.
struct CollectionSummary {
  std::string name;
  std::vector<std::string> aliases, snapshots;
  uint64_t generation = 0, documents = 0, passages = 0, segments = 0, bytes = 0, idf_version = 0;
  uint64_t sequence = 0;  // of the last write
  std::string encoder, analyzer;
  std::string settings_json;
  std::vector<std::pair<std::string, std::string>> fields;      // Describe only: name, type
  std::vector<std::pair<std::string, uint64_t>> section_bytes;  // Describe only: over all segments
};

class Searcher {
 public:
  virtual ~Searcher() = default;

  virtual absl::StatusOr<SearchResult> Search(const SearchRequest& request) = 0;
  // Searches of one collection and snapshot, without page tokens; each has its own outcome, in
  // their order. One call where the collection is a server's.
  virtual std::vector<absl::StatusOr<SearchResult>> BatchSearch(
      const std::vector<SearchRequest>& requests) {
    std::vector<absl::StatusOr<SearchResult>> results;
    results.reserve(requests.size());
    for (const SearchRequest& request : requests) results.push_back(Search(request));
    return results;
  }
  // Postings that the search would touch, before it runs.
  virtual absl::StatusOr<uint64_t> PredictPostings(const SearchRequest& request) = 0;
  // A length of zero is the default one; every use of the token renews the lease.
  virtual absl::StatusOr<PinnedSnapshot> Pin(std::string_view collection, absl::Duration lease) = 0;
  virtual absl::Status Release(std::string_view token) = 0;

  // In the order of `ids`; a missing document is kNotFound naming it.
  virtual absl::StatusOr<std::vector<DocumentView>> Get(std::string_view collection,
                                                        std::string_view snapshot,
                                                        const std::vector<std::string>& ids) = 0;
  virtual absl::StatusOr<ListResult> List(const ListRequest& request) = 0;  // as stored

  virtual absl::StatusOr<std::vector<AnalyzedTerm>> Analyze(std::string_view collection,
                                                            std::string_view snapshot,
                                                            std::string_view text) = 0;
  // Titles of the collection that the passages' texts mention.
  virtual absl::StatusOr<std::vector<Link>> Links(std::string_view collection,
                                                  std::string_view snapshot,
                                                  const std::vector<PassageName>& passages) = 0;

  virtual absl::StatusOr<std::vector<CollectionSummary>> Collections() = 0;
  virtual absl::StatusOr<CollectionSummary> Describe(std::string_view collection) = 0;
  // The own name of a collection, which may be given by an alias.
  virtual absl::StatusOr<std::string> Resolve(std::string_view collection) {
    absl::StatusOr<CollectionSummary> summary = Describe(collection);
    if (!summary.ok()) return summary.status();
    return std::move(summary->name);
  }
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_API_SEARCHER_H_
