// The newest snapshot of each collection, ready to be searched, by the names that clients use.
//
// Every Find asks the source, so that a search sees what was written before it began. Thread-safe;
// views that were handed out stay readable whatever is written. Errors: kNotFound for a name that
// is no collection or alias; those of OpenView and index::SnapshotSource.

#ifndef FORAKER_RETRIEVAL_OPEN_COLLECTIONS_H_
#define FORAKER_RETRIEVAL_OPEN_COLLECTIONS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "index/collection/snapshot_source.h"
#include "retrieval/collection_view.h"

namespace foraker::retrieval {

class OpenCollections {
 public:
  using View = std::shared_ptr<const CollectionView>;

  // `data_dir` has the encoders.
  OpenCollections(std::shared_ptr<index::SnapshotSource> source, const std::string& data_dir);

  // While the newest snapshot is the one that was found last: a lock and a comparison. A new one of
  // the same settings costs a few microseconds. One that cannot be opened leaves the one before.
  absl::StatusOr<View> Find(std::string_view name_or_alias);

  // Follows the source, so that no view outlives its snapshot because nobody asks. A name that is
  // gone is forgotten; the first error of one that cannot be opened is returned after all names
  // were tried.
  absl::Status Refresh();

  // The newest snapshot that was found of the collection; null when none was.
  std::shared_ptr<const index::Snapshot> Newest(std::string_view collection) const;

  size_t count() const;  // distinct collections that are open

 private:
  struct Opened {
    View view;
    std::shared_ptr<const index::Snapshot> refused;  // the newest, if it could not be opened
    absl::Status error;                              // why
  };
  using Names = std::map<std::string, Opened, std::less<>>;

  Opened Known(std::string_view name) const;
  // Of the snapshot; names that mean one collection share its view.
  absl::StatusOr<View> Open(std::string_view name,
                            const std::shared_ptr<const index::Snapshot>& snapshot);

  const std::shared_ptr<index::SnapshotSource> source_;
  const std::shared_ptr<EncoderStore> encoders_;
  // Held while text sides are opened, so that each is opened once; searches do not wait for it.
  base::Mutex opening_;
  mutable base::Mutex mutex_;
  Names names_ ABSL_GUARDED_BY(mutex_);  // that were asked for
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_OPEN_COLLECTIONS_H_
