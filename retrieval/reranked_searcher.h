// A Searcher whose searches may have a rerank stage: the best hits of another searcher, read by a
// language model and ordered anew.
//
//   SearchRequest ─► first stage: `candidates` hits, titles and texts ─► title and best passage of
//   each ─► Reranker ─► the order, kept for later pages ─► a page of it
//
// A page cursor walks the one order that the first page made (retrieval/stored_orders.h): nothing
// is ranked twice, and documents are those of the first page's snapshot, which the order holds. A
// request with a page token must be what it was but for the size of a page and the parts of a
// document to return. Facets, explanations and the certificate are those of the first stage; a
// candidate with nothing to read stands behind the ranked ones, in the first stage's order, without
// a rank_score.
//
// SearchRequest.deadline bounds the first stage's scan, which keeps its certificate; deadline,
// cancelled and caller of RerankStage::options bound and name the reading. All other calls, and
// searches without the stage, are the other searcher's.
//
// Thread-safe. Errors: the searcher's; the reranker's, with "rerank: " before the message;
// kInvalidArgument for a query without a text, or a token of another request; kFailedPrecondition
// for an order that expired; kResourceExhausted for one that is too large to keep.

#ifndef FORAKER_RETRIEVAL_RERANKED_SEARCHER_H_
#define FORAKER_RETRIEVAL_RERANKED_SEARCHER_H_

#include <functional>
#include <memory>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/reranker.h"
#include "retrieval/api/searcher.h"
#include "retrieval/stored_orders.h"

namespace foraker::retrieval {

struct RerankedSearcherOptions {
  StoredOrderOptions orders;
  RequestLimits limits;
  std::function<absl::Time()> clock = absl::Now;  // of orders
};

// Both are used until the last call ends; `reranker` is not null.
std::unique_ptr<Searcher> MakeRerankedSearcher(std::shared_ptr<Searcher> searcher,
                                               std::shared_ptr<Reranker> reranker,
                                               RerankedSearcherOptions options = {});

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_RERANKED_SEARCHER_H_
