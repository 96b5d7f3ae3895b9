#include "index/collection/live_state.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/collection/deleted_documents.h"

namespace foraker::index {
namespace {

std::string FileName(const SectionFile& file) {
  return file.path().substr(file.path().rfind('/') + 1);
}

// Of a snapshot whose segments are files in the collection's folder.
absl::StatusOr<CollectionRecord> RecordOf(const Snapshot& snapshot, uint64_t next_file) {
  CollectionRecord record;
  record.name = snapshot.collection;
  record.generation = snapshot.generation;
  record.sequence = snapshot.sequence;
  record.next_file = next_file;
  record.settings = snapshot.settings;
  record.idf_version = snapshot.idf_version;
  if (snapshot.statistics != nullptr) {
    record.statistics_file = FileName(snapshot.statistics->file());
  }
  for (const LiveSegment& live : snapshot.segments) {
    SegmentRecord& named = record.segments.emplace_back();
    named.file = FileName(live.segment->file());
    named.live_documents = live.segment->num_documents();
    if (live.deleted_documents != nullptr) {
      named.live_documents -= live.deleted_documents->cardinality();
      named.deleted_documents = EncodeDeleted(*live.deleted_documents);
    }
    ASSIGN_OR_RETURN(named.live_passages, CountLivePassages(live));
  }
  return record;
}

}  // namespace

void WorkSignal::Notify() {
  const base::MutexLock lock(&mutex_);
  ++count_;
}

void WorkSignal::Wait(uint64_t& seen, absl::Time deadline) {
  const base::MutexLock lock(&mutex_);
  mutex_.AwaitUntil(
      [&] {
        mutex_.AssertHeld();
        return count_ != seen;
      },
      deadline);
  seen = count_;
}

LiveState::LiveState(std::shared_ptr<Catalog> in, std::shared_ptr<WorkSignal> background,
                     std::shared_ptr<const Snapshot> generation, const LiveOptions& kept_so)
    : catalog(std::move(in)),
      signal(std::move(background)),
      collection(generation->collection),
      published(generation),
      head(generation),
      newest(generation),
      disk_segments(generation->segments.size()),
      flushed_sequence(generation->sequence),
      options(kept_so) {}

std::shared_ptr<const Snapshot> Newest(const LiveState& state) {
  const base::MutexLock lock(&state.swapping);
  return state.newest;
}

LiveOptions OptionsOf(const LiveState& state) {
  const base::MutexLock lock(&state.swapping);
  return state.options;
}

void ShowHead(LiveState& state) {
  const size_t memory_bytes = state.head.memory_bytes();
  const base::MutexLock lock(&state.swapping);
  state.newest = state.head.snapshot();
  state.memory_bytes = memory_bytes;
  state.disk_segments = state.head.disk_segments();
}

absl::Status Writable(const LiveState& state) {
  const base::MutexLock lock(&state.swapping);
  return state.failed;
}

void Fail(LiveState& state, absl::Status reason) {
  const base::MutexLock lock(&state.swapping);
  state.failed.Update(std::move(reason));
}

absl::Status PublishNext(LiveState& state, CollectionHead next,
                         std::span<const LiveSegment> sources,
                         const std::shared_ptr<const Segment>& merged,
                         std::shared_ptr<const TermStatistics> new_statistics) {
  Snapshot published = *next.snapshot();
  published.generation = state.published.snapshot()->generation + 1;
  if (new_statistics != nullptr) {
    published.statistics = std::move(new_statistics);
    published.idf_version = published.generation;
  }
  ASSIGN_OR_RETURN(const CollectionRecord record, RecordOf(published, state.next_file));
  RETURN_IF_ERROR(state.catalog->Publish(record));
  // So that the catalog lets go of files that are no longer named.
  state.catalog->Current(state.collection).IgnoreError();
  next.Adopt(published);
  state.published = std::move(next);

  const base::MutexLock lock(&state.committing);
  if (absl::Status replaced = state.head.Replace(sources, merged, /*to_disk=*/true);
      !replaced.ok()) {
    // What is published is sound, but the head does not fit it any more.
    Fail(state, replaced);
    return replaced;
  }
  state.head.Adopt(published);
  for (const LiveSegment& source : sources) state.busy.erase(source.segment.get());
  ShowHead(state);
  const base::MutexLock swap(&state.swapping);
  state.flushed_sequence = published.sequence;
  return absl::OkStatus();
}

absl::Status Reload(LiveState& state) {
  ASSIGN_OR_RETURN(const CollectionInfo info, state.catalog->Get(state.collection));
  ASSIGN_OR_RETURN(std::shared_ptr<const Snapshot> generation,
                   state.catalog->Current(state.collection));
  state.next_file = std::max<uint64_t>(state.next_file, info.record.next_file);
  state.published = CollectionHead(generation);
  state.head = CollectionHead(generation);
  ShowHead(state);
  const base::MutexLock swap(&state.swapping);
  state.flushed_sequence = generation->sequence;
  return absl::OkStatus();
}

}  // namespace foraker::index
