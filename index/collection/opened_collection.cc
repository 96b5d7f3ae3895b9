#include "index/collection/opened_collection.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/collection/log_replay.h"

namespace foraker::index {
namespace {

constexpr absl::Duration kLeastWait = absl::Milliseconds(50);
constexpr absl::Duration kLongestWait = absl::Seconds(30);
// A flush that has failed so often in a row will not make room soon.
constexpr uint32_t kToleratedFailures = 3;

}  // namespace

absl::StatusOr<std::shared_ptr<OpenedCollection>> OpenedCollection::Open(
    std::shared_ptr<Catalog> catalog, std::shared_ptr<WorkSignal> signal,
    LiveStore::OptionsOf options_of, std::string_view name) {
  ASSIGN_OR_RETURN(const CollectionInfo info, catalog->Get(name));
  ASSIGN_OR_RETURN(std::shared_ptr<const Snapshot> generation, catalog->Current(name));
  ASSIGN_OR_RETURN(const LiveOptions options, options_of(info.record));
  ASSIGN_OR_RETURN(std::vector<RememberedRequest> requests,
                   catalog->ReadRequests(info.record.name));
  ASSIGN_OR_RETURN(std::unique_ptr<SegmentWriter> empty_segment, SegmentWriter::CreateInMemory());
  std::shared_ptr<OpenedCollection> opened(new OpenedCollection(
      std::move(catalog), std::move(signal), std::move(options_of), std::move(generation), options,
      std::move(empty_segment), std::move(requests)));
  RETURN_IF_ERROR(opened->Recover(info.record.next_file));
  return opened;
}

absl::Status OpenedCollection::Recover(uint64_t next_file) {
  state_.next_file = next_file;
  const base::MutexLock committing(&state_.committing);
  const uint64_t published = state_.head.snapshot()->sequence;
  RETURN_IF_ERROR(ReplayLog(*state_.catalog, state_.head));
  commit_.ReadSchema();
  ShowHead(state_);
  if (state_.head.snapshot()->sequence == published) return absl::OkStatus();
  {
    const base::MutexLock swapping(&state_.swapping);
    state_.oldest_unflushed = state_.options.now();
  }
  state_.signal->Notify();
  return absl::OkStatus();
}

absl::Status OpenedCollection::CheckRoom(size_t bytes) const {
  size_t buffered = 0;
  size_t limit = 0;
  size_t flush_bytes = 0;
  {
    const base::MutexLock swapping(&state_.swapping);
    buffered = state_.memory_bytes;
    limit = state_.options.buffer_bytes;
    flush_bytes = state_.options.flush_bytes;
  }
  if (bytes > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch of ", bytes, " bytes does not fit the buffer of ", limit));
  }
  const WorkProgress::Counters flushes = flush_.progress().counters();
  if (flushes.failures >= kToleratedFailures && buffered >= flush_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "collection \"", name(),
        "\" takes no writes until its buffer can be flushed: ", flushes.last_error.message()));
  }
  if (buffered + commit_.bytes_under_way() + bytes <= limit) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("the write buffer of collection \"", name(),
                                                   "\" is full (", buffered, " of ", limit,
                                                   " bytes); try again after the next flush"));
}

absl::StatusOr<BatchResult> OpenedCollection::Write(WriteBatch batch, WaitFor wait) {
  RETURN_IF_ERROR(Writable(state_));
  const size_t bytes = BytesOf(batch);
  if (absl::Status room = CheckRoom(bytes); !room.ok()) {
    state_.signal->Notify();
    return room;
  }
  return commit_.Write(std::move(batch), wait, bytes);
}

absl::StatusOr<std::optional<BatchResult>> OpenedCollection::Remembered(
    std::string_view request_id, uint64_t request_hash) const {
  return commit_.Remembered(request_id, request_hash);
}

std::shared_ptr<const Snapshot> OpenedCollection::Newest() const { return index::Newest(state_); }

absl::Status OpenedCollection::Flush() { return flush_.Flush(); }

absl::Status OpenedCollection::Compact() {
  RETURN_IF_ERROR(flush_.Flush());
  const absl::Status status = merge_.Compact();
  state_.signal->Notify();
  return status;
}

absl::Status OpenedCollection::StartAnew() {
  ASSIGN_OR_RETURN(const CollectionInfo info, state_.catalog->Get(name()));
  ASSIGN_OR_RETURN(const LiveOptions options, options_of_(info.record));
  const base::MutexLock publishing(&state_.publishing);
  const base::MutexLock committing(&state_.committing);
  RETURN_IF_ERROR(Reload(state_));
  commit_.ReadSchema();
  const base::MutexLock swapping(&state_.swapping);
  state_.options = options;
  return absl::OkStatus();
}

absl::Status OpenedCollection::Exclusively(absl::FunctionRef<absl::Status()> work) {
  state_.yield_merge = true;
  const base::MutexLock merging(&state_.merging_files);
  const base::MutexLock buffer(&state_.working_on_buffer);
  const CommitPause pause(commit_.queue());
  absl::Status status = flush_.FlushLocked();
  if (status.ok()) {
    status = work();
    // Also after a failure, which may have come after a change.
    const absl::Status started = StartAnew();
    if (!started.ok()) Fail(state_, started);
    status.Update(started);
  }
  state_.yield_merge = false;
  if (state_.stopped) state_.yield_merge = true;
  state_.signal->Notify();
  return status;
}

absl::Duration OpenedCollection::RetryAfter() const {
  size_t buffered = 0;
  {
    const base::MutexLock swapping(&state_.swapping);
    buffered = state_.memory_bytes;
  }
  return std::clamp(flush_.progress().Expected(buffered), kLeastWait, kLongestWait);
}

LiveStats OpenedCollection::Stats() const {
  LiveStats stats;
  std::shared_ptr<const Snapshot> snapshot;
  {
    const base::MutexLock swapping(&state_.swapping);
    snapshot = state_.newest;
    stats.buffer_bytes = state_.memory_bytes;
    stats.disk_segments = state_.disk_segments;
    stats.flushed_sequence = state_.flushed_sequence;
    stats.oldest_unflushed = state_.oldest_unflushed;
  }
  stats.sequence = snapshot->sequence;
  stats.memory_segments = snapshot->segments.size() - stats.disk_segments;
  for (size_t i = 0; i < snapshot->segments.size(); ++i) {
    const LiveSegment& live = snapshot->segments[i];
    const uint64_t deleted =
        live.deleted_documents == nullptr ? 0 : live.deleted_documents->cardinality();
    stats.deleted_documents += deleted;
    if (i >= stats.disk_segments) stats.buffer_documents += live.segment->num_documents() - deleted;
  }
  const WorkProgress::Counters flushes = flush_.progress().counters();
  const WorkProgress::Counters merges = merge_.progress().counters();
  stats.flushes = flushes.done;
  stats.flushing = flushes.running;
  stats.merges = merges.done;
  stats.merged_bytes = merges.bytes;
  stats.merging = merges.running;
  stats.background_error = flushes.last_error;
  stats.background_error.Update(flush_.memory_merges().counters().last_error);
  stats.background_error.Update(merges.last_error);
  return stats;
}

absl::Time OpenedCollection::next_flush() const {
  absl::Time next;
  {
    const base::MutexLock swapping(&state_.swapping);
    next = state_.memory_bytes >= state_.options.flush_bytes
               ? absl::InfinitePast()
               : state_.oldest_unflushed + state_.options.flush_interval;
  }
  return std::max(next, flush_.progress().next_attempt());
}

bool OpenedCollection::WorkOnBuffer() {
  // Whoever holds it is working, or wants nobody to; and tells when that is over.
  if (!Writable(state_).ok() || !state_.working_on_buffer.TryLock()) return false;
  // Errors stand in the progress, for Stats.
  const bool worked = next_flush() <= OptionsOf(state_).now()
                          ? flush_.FlushLocked().ok()
                          : flush_.MergeMemory().value_or(false);
  state_.working_on_buffer.Unlock();
  return worked;
}

bool OpenedCollection::MergeFiles() {
  if (!Writable(state_).ok() || next_merge() > absl::Now()) return false;
  if (!state_.merging_files.TryLock()) return false;
  const bool worked = merge_.MergeOnce().value_or(false);
  state_.merging_files.Unlock();
  return worked;
}

void OpenedCollection::Stop(absl::Status reason) {
  Fail(state_, std::move(reason));
  state_.stopped = true;
  state_.yield_merge = true;
}

absl::Status OpenedCollection::Close(absl::Status reason, absl::FunctionRef<absl::Status()> work) {
  Stop(std::move(reason));
  const base::MutexLock merging(&state_.merging_files);
  const base::MutexLock buffer(&state_.working_on_buffer);
  const CommitPause pause(commit_.queue());
  return work();
}

}  // namespace foraker::index
