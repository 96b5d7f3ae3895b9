// How two snapshots of a collection differ, by documents and their versions: what to carry over
// when the newer one follows the older one. Segments that both have with the same deleted documents
// are not looked into, so it costs what was written between them, not what there is (after a merge:
// what was merged).
//
// Pure function over immutable snapshots. Errors: kDataLoss from a corrupt segment.

#ifndef FORAKER_RETRIEVAL_SNAPSHOT_DIFFERENCE_H_
#define FORAKER_RETRIEVAL_SNAPSHOT_DIFFERENCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "retrieval/documents.h"

namespace foraker::retrieval {

struct SnapshotDifference {
  // Documents of the newer snapshot that the older one lacks or has in another version.
  std::vector<DocumentAddress> changed;
  std::vector<std::string> deleted;  // ids that only the older one has
};

absl::StatusOr<SnapshotDifference> Difference(const index::Snapshot& older,
                                              const index::Snapshot& newer);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SNAPSHOT_DIFFERENCE_H_
