// One snapshot of a collection, ready to be asked: its snapshot, and what its settings say about
// text and weights. Leases and running searches share it; it is what they keep alive.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_RETRIEVAL_COLLECTION_VIEW_H_
#define FORAKER_RETRIEVAL_COLLECTION_VIEW_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "model/analyzer/session_pool.h"
#include "retrieval/encoder_store.h"
#include "retrieval/idf.h"
#include "retrieval/query_builder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

struct CollectionView {
  std::shared_ptr<const index::Snapshot> snapshot;
  CollectionSettings settings;
  IdfTable idf;
  std::shared_ptr<const model::QueryTable> table;  // null: the encoder is not neural
  std::shared_ptr<const QueryBuilder> queries;
  // Null where the text is not analyzed: imported vectors.
  std::shared_ptr<model::SessionPool> sessions;

  // Empty where there are none.
  std::optional<model::SessionPool::Lease> BorrowSession() const;
};

// `before` is the view of an earlier snapshot, or null: what depends on settings alone is shared
// with it, and where the settings are the same bytes nothing is read or parsed (about 1 us).
// `encoders` are those of the data directory; the view keeps them where a query may need the model.
// Errors: kFailedPrecondition when this build analyzes text differently from the one that made the
// collection, or the settings ask for a table that the encoder lacks; kInvalidArgument for settings
// that this build does not know; those of EncoderStore::Table.
absl::StatusOr<std::shared_ptr<const CollectionView>> OpenView(
    std::shared_ptr<const index::Snapshot> snapshot, const CollectionView* before,
    const std::shared_ptr<EncoderStore>& encoders);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_COLLECTION_VIEW_H_
