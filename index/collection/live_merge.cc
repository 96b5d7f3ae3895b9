#include "index/collection/live_merge.h"

#include <utility>

#include "base/status.h"
#include "index/collection/live_flush.h"

namespace foraker::index {

std::vector<LiveSegment> LiveMerge::Choose() {
  const LiveOptions options = OptionsOf(state_);
  const MergePolicy policy{.factor = options.merge_factor,
                           .max_segment_bytes = options.max_segment_bytes};
  const base::MutexLock publishing(&state_.publishing);
  const std::span<const LiveSegment> files = state_.published.disk();
  std::vector<LiveSegment> sources;
  for (const size_t i : ChooseMerge(SizesOf(files), policy)) sources.push_back(files[i]);
  return sources;
}

std::vector<std::vector<LiveSegment>> LiveMerge::ChooseAll() {
  const size_t max_bytes = OptionsOf(state_).max_segment_bytes;
  const base::MutexLock publishing(&state_.publishing);
  const std::span<const LiveSegment> files = state_.published.disk();
  std::vector<std::vector<LiveSegment>> groups;
  for (const std::vector<size_t>& group : ChooseCompaction(SizesOf(files), max_bytes)) {
    std::vector<LiveSegment>& sources = groups.emplace_back();
    for (const size_t i : group) sources.push_back(files[i]);
  }
  return groups;
}

absl::Status LiveMerge::Publish(std::span<const LiveSegment> sources,
                                const std::shared_ptr<const Segment>& merged) {
  const base::MutexLock publishing(&state_.publishing);
  CollectionHead next = state_.published;
  absl::Status ready = next.Replace(sources, merged, /*to_disk=*/true);
  std::optional<CollectionHead> flushing = state_.flushing;
  if (flushing.has_value()) ready.Update(flushing->Replace(sources, merged, /*to_disk=*/true));
  if (!ready.ok()) {
    Abandon(merged);
    return ready;
  }
  RETURN_IF_ERROR(PublishNext(state_, std::move(next), sources, merged, nullptr));
  state_.flushing = std::move(flushing);
  return absl::OkStatus();
}

absl::Status LiveMerge::Merge(std::span<const LiveSegment> sources,
                              const std::atomic<bool>& cancel) {
  RETURN_IF_ERROR(Writable(state_));
  progress_.Begin(LiveBytes(sources));
  absl::StatusOr<std::shared_ptr<const Segment>> merged = MergeToFile(state_, sources, cancel);
  absl::Status status = merged.status();
  if (status.ok()) status = Publish(sources, *merged);
  progress_.End(status);
  return status;
}

absl::StatusOr<bool> LiveMerge::MergeOnce() {
  const std::vector<LiveSegment> sources = Choose();
  if (sources.empty() || state_.yield_merge) return false;
  RETURN_IF_ERROR(Merge(sources, state_.yield_merge));
  return true;
}

absl::Status LiveMerge::Compact() {
  const base::MutexLock merging(&state_.merging_files);
  for (const std::vector<LiveSegment>& sources : ChooseAll()) {
    RETURN_IF_ERROR(Merge(sources, state_.stopped));
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
