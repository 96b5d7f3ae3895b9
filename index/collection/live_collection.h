// A collection that is written to while it is searched.
//
//   Write ─► sequence numbers, conditions ─► log (RocksDB, synced) ─► memory segment ─► snapshot
//                                             kLog returns here         kSearchable returns here
//   in the background: memory segments merge ─► flush: one segment file, published with its
//   sequence number, the log cut behind it ─► tiered merges of files
//
// The buffer is a short list of memory segments: immutable segments like those on disk, whose
// sections lie in memory (index/segment/memory_sections.h). So a search sees nothing but a snapshot
// of segments, with the same results and score bits before a flush and after it, and a snapshot,
// once taken, never changes. Writes that arrive together are committed together: one sync, one
// memory segment.
//
// Deleting and replacing marks the older copy in the deleted documents of its segment; sets are
// copied on write. A flush publishes the sets as of its own sequence number, so that what other
// processes read is the collection at one moment. A merge that ends carries over what was deleted
// in its sources meanwhile.
//
// Recovery replays the log behind the published sequence number; it needs no model.
//
// Thread-safe. Errors: kResourceExhausted when the buffer is full and the flush has not caught up
// (RetryAfter says how long that takes) or the disk is; kInvalidArgument for a document that a
// segment refuses, in its result, and for a request id with another hash; kFailedPrecondition after
// Drop; kUnavailable when the log could not be written: searches go on, and writing is tried again.

#ifndef FORAKER_INDEX_COLLECTION_LIVE_COLLECTION_H_
#define FORAKER_INDEX_COLLECTION_LIVE_COLLECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "index/collection/snapshot.h"
#include "index/collection/write.h"

namespace foraker::index {

struct LiveOptions {
  size_t flush_bytes = size_t{64} << 20;    // of memory segments: start a flush
  size_t buffer_bytes = size_t{192} << 20;  // of memory segments and writes under way: refuse more
  absl::Duration flush_interval = absl::Minutes(5);  // a buffer is not left older than that
  bool sync = true;  // sync the log with every commit; else the system does, and a crash of the
                     // machine (not of the process) may take the last seconds
  uint32_t merge_factor = 8;  // segments of a size that are merged into one
  // Merges do not make larger ones. A merge holds about half as much again in memory.
  size_t max_segment_bytes = size_t{1} << 30;
  absl::Duration request_ids_kept = absl::Minutes(15);
  size_t max_request_ids = 100'000;
  // Publish term statistics at the first flush and whenever live passages have doubled.
  bool auto_statistics = true;
  std::function<absl::Time()> now = absl::Now;  // tests have a clock of their own
};

struct LiveStats {
  uint64_t sequence = 0;          // of the last write
  uint64_t flushed_sequence = 0;  // of the newest generation
  size_t buffer_bytes = 0, buffer_documents = 0, memory_segments = 0, disk_segments = 0;
  uint64_t flushes = 0, merges = 0, merged_bytes = 0;  // since it was opened; merges of files
  uint64_t deleted_documents = 0;                      // that still take room in segments
  bool flushing = false, merging = false;
  absl::Status background_error;  // of the last flush or merge; OK once one has succeeded
  absl::Time oldest_unflushed = absl::InfiniteFuture();
};

class LiveCollection {
 public:
  virtual ~LiveCollection() = default;

  virtual const std::string& name() const = 0;

  virtual absl::StatusOr<BatchResult> Write(WriteBatch batch, WaitFor wait) = 0;

  // The result of an earlier batch of this id, if it is still remembered: a caller may spare itself
  // the encoding. kInvalidArgument when it was another batch.
  virtual absl::StatusOr<std::optional<BatchResult>> Remembered(std::string_view request_id,
                                                                uint64_t request_hash) const = 0;

  // Never waits for writers, flushes or merges.
  virtual std::shared_ptr<const Snapshot> Newest() const = 0;

  // Returns when everything acknowledged before lies in published segments.
  virtual absl::Status Flush() = 0;
  // Flush, then merges all segments (up to max_segment_bytes each) and drops what is deleted.
  virtual absl::Status Compact() = 0;

  // Flushes, keeps writers and the background waiting while `work` changes the collection through
  // the catalog, then goes on from the generation that it left. Searches go on. For attaching
  // shards, restoring snapshots, changing settings, and the last step of a rebuild. `work` may read
  // Newest, but would wait for ever for Write, Flush, Compact or Exclusively of this collection.
  virtual absl::Status Exclusively(absl::FunctionRef<absl::Status()> work) = 0;

  virtual absl::Duration RetryAfter() const = 0;
  virtual LiveStats Stats() const = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LIVE_COLLECTION_H_
