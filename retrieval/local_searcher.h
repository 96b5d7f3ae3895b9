// The Searcher over a data directory: what `foraker serve` serves and `foraker search --data` runs.
//
//   SearchRequest ─► limits ─► snapshot (pinned, paged or newest) ─► query vector ─► document sets
//   of the filter ─► index::TopK ─► titles, texts, fields, snippets, explanations of the k hits
//
// Thread-safe. A collection is opened at its first use. Every search runs on the newest snapshot of
// the source: over a writer in this process (index::LiveStore) it sees what was acknowledged before
// it began; over a catalog alone, what there was at the last Refresh. Snapshots are leased
// (retrieval/snapshot_leases.h): a lease that nobody uses expires and frees its files.
// Errors: those of retrieval/api/searcher.h; kDataLoss from a corrupt file, naming it;
// kFailedPrecondition for a rerank stage, which retrieval/reranked_searcher.h is for.

#ifndef FORAKER_RETRIEVAL_LOCAL_SEARCHER_H_
#define FORAKER_RETRIEVAL_LOCAL_SEARCHER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "index/collection/snapshot_source.h"
#include "index/store/catalog.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/searcher.h"
#include "retrieval/snapshot_leases.h"

namespace foraker::retrieval {

struct LocalSearcherOptions {
  LeaseOptions leases;
  RequestLimits limits;
  uint32_t search_threads = 1;                    // threads of one search
  std::function<absl::Time()> clock = absl::Now;  // of leases
};

// What the metrics of a server show of a searcher.
struct SearcherGauges {
  size_t open_collections = 0;
  size_t leases = 0;              // that have not expired
  size_t leased_generations = 0;  // distinct snapshots that the leases hold
  uint64_t leased_bytes = 0;  // of segments that leases alone keep alive, as of the last Refresh
};

class LocalSearcher : public Searcher {
 public:
  // `source` gives the snapshots, `catalog` everything else that is known of collections.
  static absl::StatusOr<std::unique_ptr<LocalSearcher>> Open(
      std::shared_ptr<index::Catalog> catalog, std::shared_ptr<index::SnapshotSource> source,
      LocalSearcherOptions options);
  // Over the catalog and the logs in it.
  static absl::StatusOr<std::unique_ptr<LocalSearcher>> Open(
      std::shared_ptr<index::Catalog> catalog, LocalSearcherOptions options = {});

  // Follows the source, drops expired leases and counts what leases hold. A snapshot that cannot be
  // opened is reported, and its collection stays at the one before. Call it about once a second,
  // and after publishing through the same catalog.
  virtual absl::Status Refresh() = 0;

  virtual SearcherGauges Gauges() const = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LOCAL_SEARCHER_H_
