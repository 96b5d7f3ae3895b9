// Links: which titles of the collection given passages mention, and which documents bear them. A
// title is a term of every passage of its document, so the bearers of a mention are an exact search
// for one term.
//
// Pure function over an immutable snapshot. Errors: kNotFound names a document that is not there,
// kInvalidArgument a passage that it does not have; kFailedPrecondition for a collection whose
// texts are not analyzed or whose titles are not indexed.

#ifndef FORAKER_RETRIEVAL_LINKS_H_
#define FORAKER_RETRIEVAL_LINKS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "retrieval/api/searcher.h"
#include "retrieval/collection_view.h"

namespace foraker::retrieval {

inline constexpr size_t kMaxLinkTargets = 8;

// In the order of the passages and of their texts. A document's mentions of itself are left out.
absl::StatusOr<std::vector<Link>> FindLinks(const CollectionView& view,
                                            const std::vector<PassageName>& passages);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LINKS_H_
