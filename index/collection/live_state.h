// What the parts of a live collection (commit, flush, merges) share: three states of the
// collection, each of them a head whose files are the same, and who may change them.
//
//   published   the newest generation, as of its sequence number: what other processes read
//   flushing    as of the sequence number of the flush under way, if there is one
//   head        the newest
//
// A merge of files starts from `published` and ends in all three, a flush starts from `flushing`
// and ends in the other two: CollectionHead::Replace carries over what each has deleted since.
//
// Mutexes are taken in this order: merging_files, working_on_buffer, publishing, committing,
// swapping. The first two are held for a whole flush or merge, `publishing` and `committing` for
// its end (and `committing` for a commit), `swapping` for a few instructions.

#ifndef FORAKER_INDEX_COLLECTION_LIVE_STATE_H_
#define FORAKER_INDEX_COLLECTION_LIVE_STATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "index/collection/collection_head.h"
#include "index/collection/live_collection.h"
#include "index/collection/memory_merge.h"
#include "index/store/catalog.h"

namespace foraker::index {

// Wakes the threads of the background.
class WorkSignal {
 public:
  // Something may have to be done.
  void Notify();
  // Until there was a Notify that this caller has not `seen`, or `deadline` has passed.
  void Wait(uint64_t& seen, absl::Time deadline);

 private:
  base::Mutex mutex_;
  uint64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

struct LiveState {
  LiveState(std::shared_ptr<Catalog> in, std::shared_ptr<WorkSignal> background,
            std::shared_ptr<const Snapshot> generation, const LiveOptions& kept_so);

  const std::shared_ptr<Catalog> catalog;
  const std::shared_ptr<WorkSignal> signal;
  const std::string collection;

  base::Mutex merging_files;
  base::Mutex working_on_buffer;

  base::Mutex publishing;
  CollectionHead published ABSL_GUARDED_BY(publishing);
  std::optional<CollectionHead> flushing ABSL_GUARDED_BY(publishing);

  base::Mutex committing;
  CollectionHead head ABSL_GUARDED_BY(committing);
  SegmentSet busy ABSL_GUARDED_BY(committing);  // memory segments that a flush or merge reads

  mutable base::Mutex swapping;
  std::shared_ptr<const Snapshot> newest ABSL_GUARDED_BY(swapping);  // the head's
  size_t memory_bytes ABSL_GUARDED_BY(swapping) = 0;                 // the head's
  size_t disk_segments ABSL_GUARDED_BY(swapping) = 0;                // the head's
  uint64_t flushed_sequence ABSL_GUARDED_BY(swapping) = 0;
  absl::Time oldest_unflushed ABSL_GUARDED_BY(swapping) = absl::InfiniteFuture();
  LiveOptions options ABSL_GUARDED_BY(swapping);
  absl::Status failed ABSL_GUARDED_BY(swapping);  // not OK: nothing may be written any more

  std::atomic<uint64_t> next_file;        // numbers are never used twice
  std::atomic<bool> stopped = false;      // cancels all work
  std::atomic<bool> yield_merge = false;  // cancels a merge of files in the background
};

std::shared_ptr<const Snapshot> Newest(const LiveState& state);
LiveOptions OptionsOf(const LiveState& state);

// Lets searches see the head.
void ShowHead(LiveState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.committing);

// Why nothing may be written, or OK.
absl::Status Writable(const LiveState& state);
// The first reason stays.
void Fail(LiveState& state, absl::Status reason);

// The end of a flush or of a merge of files: publishes `next`, which holds files alone, and puts
// `merged` in the place of `sources` in the head too.
absl::Status PublishNext(LiveState& state, CollectionHead next,
                         std::span<const LiveSegment> sources,
                         const std::shared_ptr<const Segment>& merged,
                         std::shared_ptr<const TermStatistics> new_statistics)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.publishing);

// Starts anew from the catalog's newest generation. The log is empty.
absl::Status Reload(LiveState& state)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.publishing, state.committing);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LIVE_STATE_H_
