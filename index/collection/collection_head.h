// The newest state of a collection: a published generation with logged writes applied to it. The
// writer and, from the log, readers beside it apply the same writes in the same order and so come
// to the same documents and scores.
//
// A value that changes by Apply: each call makes a new immutable snapshot and leaves older ones as
// they were. Not thread-safe; the snapshots are. Errors: kDataLoss from a corrupt file or log
// entry.

#ifndef FORAKER_INDEX_COLLECTION_COLLECTION_HEAD_H_
#define FORAKER_INDEX_COLLECTION_COLLECTION_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "index/collection/write.h"

namespace foraker::index {

// A change as the log holds it: conditions decided, fields merged, so that replaying decides
// nothing.
struct LoggedWrite {
  uint64_t sequence = 0;
  std::variant<PutDocument, DeleteDocument> change;  // a put document's version is `sequence`
};

class CollectionHead {
 public:
  // `generation` is a published one: its segments are files.
  explicit CollectionHead(std::shared_ptr<const Snapshot> generation);

  const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }

  // Where the live document of this id is; nothing when there is none.
  struct Place {
    size_t segment;  // of the snapshot
    DocId document;
  };
  absl::StatusOr<std::optional<Place>> Find(std::string_view id) const;
  absl::StatusOr<std::optional<uint64_t>> VersionOf(std::string_view id) const;

  // Sequence numbers ascend and lie above the snapshot's. All documents of one call become one
  // memory segment; of several writes to an id the last stays. After an error nothing has changed.
  absl::Status Apply(std::span<const LoggedWrite> writes);

  // Memory segments are those behind the first `disk_segments()`.
  size_t disk_segments() const { return disk_segments_; }
  std::span<const LiveSegment> disk() const;
  std::span<const LiveSegment> memory() const;
  size_t memory_bytes() const;

  // Puts `merged` (built from the live documents that `sources` had when the merge began) in their
  // place; what was deleted in them since is deleted in it too. A source that is gone had lost all
  // its documents. `to_disk`: it is a file now, and goes behind the other files. Null: nothing was
  // left. After an error nothing has changed.
  absl::Status Replace(std::span<const LiveSegment> sources, std::shared_ptr<const Segment> merged,
                       bool to_disk);

  // Takes over what a publish decided: generation number, statistics, settings.
  void Adopt(const Snapshot& published);

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  size_t disk_segments_ = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_COLLECTION_HEAD_H_
