// One search on one generation of a collection, from the request to the hits as a client reads
// them.
//
// Functions are safe for concurrent use on one view. Errors: kInvalidArgument names the field;
// kNotFound for the document of a "more like this" query; kDataLoss from a corrupt file. The
// request has passed CheckLimits.

#ifndef FORAKER_RETRIEVAL_SEARCH_RUN_H_
#define FORAKER_RETRIEVAL_SEARCH_RUN_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "index/query/top_k.h"
#include "retrieval/api/searcher.h"
#include "retrieval/collection_view.h"
#include "retrieval/query_builder.h"

namespace foraker::retrieval {

struct SearchRunOptions {
  std::optional<index::SearchAfter> after;  // the page before ended here
  bool look_ahead = false;                  // find out whether there is a next page
  uint32_t threads = 1;
};

struct SearchRun {
  SearchResult result;                     // without a page token
  std::optional<index::SearchAfter> next;  // with look_ahead: where the next page starts, if any
};

absl::StatusOr<SearchRun> RunSearch(const CollectionView& view, const SearchRequest& request,
                                    const SearchRunOptions& options);

absl::StatusOr<BuiltQuery> BuildQuery(const CollectionView& view, const Query& query);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SEARCH_RUN_H_
