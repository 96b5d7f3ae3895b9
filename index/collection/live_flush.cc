#include "index/collection/live_flush.h"

#include <algorithm>
#include <utility>

#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "index/collection/merge_segments.h"
#include "index/store/data_files.h"

namespace foraker::index {
namespace {

absl::StatusOr<std::string> FolderOf(const LiveState& state) {
  std::string folder = state.catalog->CollectionDir(state.collection);
  RETURN_IF_ERROR(base::CreateDirectories(folder));
  return folder;
}

bool StatisticsAreDue(const Snapshot& snapshot, const LiveOptions& options) {
  if (!options.auto_statistics || snapshot.live_passages == 0) return false;
  return snapshot.statistics == nullptr ||
         snapshot.live_passages >= 2 * snapshot.statistics->num_passages();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Segment>> MergeToFile(LiveState& state,
                                                           std::span<const LiveSegment> sources,
                                                           const std::atomic<bool>& cancel) {
  ASSIGN_OR_RETURN(const std::string folder, FolderOf(state));
  const std::string path = absl::StrCat(folder, "/", SegmentFileName(state.next_file++));
  ASSIGN_OR_RETURN(const std::unique_ptr<SegmentWriter> writer, SegmentWriter::Create(path));
  RETURN_IF_ERROR(MergeSegments(sources, *writer, &cancel));
  if (writer->num_documents() == 0) return nullptr;
  RETURN_IF_ERROR(writer->Finish());
  absl::StatusOr<std::shared_ptr<const Segment>> merged = Segment::Open(path);
  if (!merged.ok()) base::RemoveFile(path).IgnoreError();
  return merged;
}

void Abandon(const std::shared_ptr<const Segment>& file) {
  if (file != nullptr) base::RemoveFile(file->file().path()).IgnoreError();
}

std::optional<LiveFlush::Frozen> LiveFlush::Freeze() {
  const base::MutexLock publishing(&state_.publishing);
  const base::MutexLock committing(&state_.committing);
  if (state_.head.snapshot()->sequence == state_.published.snapshot()->sequence) {
    return std::nullopt;
  }
  Frozen frozen;
  frozen.snapshot = state_.head.snapshot();
  frozen.sources.assign(state_.head.memory().begin(), state_.head.memory().end());
  state_.flushing = state_.head;
  for (const LiveSegment& source : frozen.sources) state_.busy.insert(source.segment.get());
  const base::MutexLock swapping(&state_.swapping);
  frozen.oldest = std::exchange(state_.oldest_unflushed, absl::InfiniteFuture());
  return frozen;
}

void LiveFlush::Thaw(const Frozen& frozen) {
  const base::MutexLock publishing(&state_.publishing);
  const base::MutexLock committing(&state_.committing);
  state_.flushing.reset();
  for (const LiveSegment& source : frozen.sources) state_.busy.erase(source.segment.get());
  const base::MutexLock swapping(&state_.swapping);
  state_.oldest_unflushed = std::min(state_.oldest_unflushed, frozen.oldest);
}

absl::StatusOr<std::shared_ptr<const TermStatistics>> LiveFlush::WriteStatistics(
    const Frozen& frozen) {
  if (!StatisticsAreDue(*frozen.snapshot, OptionsOf(state_))) return nullptr;
  ASSIGN_OR_RETURN(const std::string folder, FolderOf(state_));
  const std::string path = absl::StrCat(folder, "/", StatisticsFileName(state_.next_file++));
  RETURN_IF_ERROR(TermStatistics::Write(frozen.snapshot->segments, {}, path));
  auto statistics = TermStatistics::Open(path);
  if (!statistics.ok()) base::RemoveFile(path).IgnoreError();
  return statistics;
}

absl::Status LiveFlush::Write(const Frozen& frozen) {
  std::shared_ptr<const Segment> merged;
  if (!frozen.sources.empty()) {
    ASSIGN_OR_RETURN(merged, MergeToFile(state_, frozen.sources, state_.stopped));
  }
  absl::StatusOr<std::shared_ptr<const TermStatistics>> statistics = WriteStatistics(frozen);
  const base::MutexLock publishing(&state_.publishing);
  CollectionHead next = *state_.flushing;
  absl::Status ready = statistics.status();
  if (ready.ok()) ready = next.Replace(frozen.sources, merged, /*to_disk=*/true);
  if (!ready.ok()) {
    Abandon(merged);
    return ready;
  }
  // A file stays where it is when this fails: a crash may bring the publish back (Catalog).
  RETURN_IF_ERROR(PublishNext(state_, std::move(next), frozen.sources, merged, *statistics));
  state_.flushing.reset();
  return absl::OkStatus();
}

absl::Status LiveFlush::FlushLocked() {
  RETURN_IF_ERROR(Writable(state_));
  const std::optional<Frozen> frozen = Freeze();
  if (!frozen.has_value()) return absl::OkStatus();
  uint64_t bytes = 0;
  for (const LiveSegment& source : frozen->sources) bytes += source.segment->file().file_bytes();
  progress_.Begin(bytes);
  const absl::Status status = Write(*frozen);
  progress_.End(status);
  if (!status.ok()) Thaw(*frozen);
  state_.signal->Notify();  // files to merge, room for writes, or a time to try again
  return status;
}

absl::Status LiveFlush::Flush() {
  const base::MutexLock work(&state_.working_on_buffer);
  return FlushLocked();
}

absl::StatusOr<bool> LiveFlush::MergeMemory() {
  if (memory_merges_.next_attempt() > absl::Now()) return false;
  std::vector<LiveSegment> sources;
  {
    const base::MutexLock committing(&state_.committing);
    sources = ChooseMemoryMerge(state_.head, state_.busy, OptionsOf(state_).merge_factor);
    for (const LiveSegment& source : sources) state_.busy.insert(source.segment.get());
  }
  if (sources.empty()) return false;
  memory_merges_.Begin(LiveBytes(sources));
  const absl::StatusOr<std::shared_ptr<const Segment>> merged =
      MergeInMemory(sources, &state_.stopped);
  absl::Status status = merged.status();
  {
    const base::MutexLock committing(&state_.committing);
    for (const LiveSegment& source : sources) state_.busy.erase(source.segment.get());
    if (status.ok()) status = state_.head.Replace(sources, *merged, /*to_disk=*/false);
    ShowHead(state_);
  }
  memory_merges_.End(status);
  if (!status.ok()) return status;
  return true;
}

}  // namespace foraker::index
