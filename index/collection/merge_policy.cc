#include "index/collection/merge_policy.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace foraker::index {
namespace {

// Segments of floor(log_factor(live bytes)) = tier.
uint32_t TierOf(uint64_t live_bytes, uint32_t factor) {
  uint32_t tier = 0;
  for (; live_bytes >= factor; live_bytes /= factor) ++tier;
  return tier;
}

bool HasManyDeleted(const SegmentSize& segment, const MergePolicy& policy) {
  return segment.deleted_documents > policy.max_deleted_share * segment.documents;
}

// The smallest of `candidates`, at most `count`, whose live bytes stay within `limit` (the first is
// taken in any case); ascending.
std::vector<size_t> TakeSmallest(std::span<const SegmentSize> segments,
                                 std::vector<size_t> candidates, size_t count, uint64_t limit) {
  std::stable_sort(candidates.begin(), candidates.end(), [&](size_t a, size_t b) {
    return segments[a].live_bytes() < segments[b].live_bytes();
  });
  uint64_t total = 0;
  std::vector<size_t> taken;
  for (const size_t candidate : candidates) {
    total += segments[candidate].live_bytes();
    if (taken.size() == count || (!taken.empty() && total > limit)) break;
    taken.push_back(candidate);
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

}  // namespace

uint64_t SegmentSize::live_bytes() const {
  if (documents == 0 || deleted_documents >= documents) return 0;
  const double share = static_cast<double>(documents - deleted_documents) / documents;
  return static_cast<uint64_t>(static_cast<double>(bytes) * share);
}

std::vector<size_t> ChooseMerge(std::span<const SegmentSize> segments, const MergePolicy& policy) {
  std::map<uint32_t, std::vector<size_t>> tiers;
  std::vector<size_t> wasteful;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (HasManyDeleted(segments[i], policy)) wasteful.push_back(i);
    const uint64_t live = segments[i].live_bytes();
    if (live <= policy.max_segment_bytes / 2) tiers[TierOf(live, policy.factor)].push_back(i);
  }
  // Low tiers first: there a merge takes most segments off for what it costs. Two segments fit
  // always, and where the limit cuts, what comes out is above half of it and not merged again.
  for (const auto& [tier, members] : tiers) {
    if (members.size() < policy.factor) continue;
    return TakeSmallest(segments, members, policy.factor, policy.max_segment_bytes);
  }
  return TakeSmallest(segments, std::move(wasteful), segments.size(), policy.max_segment_bytes);
}

std::vector<std::vector<size_t>> ChooseCompaction(std::span<const SegmentSize> segments,
                                                  uint64_t max_segment_bytes) {
  // First fit, largest first.
  std::vector<size_t> order(segments.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return segments[a].live_bytes() > segments[b].live_bytes();
  });
  std::vector<std::vector<size_t>> groups;
  std::vector<uint64_t> totals;  // parallel to groups
  for (const size_t segment : order) {
    const uint64_t live = segments[segment].live_bytes();
    size_t group = 0;
    while (group < groups.size() && totals[group] + live > max_segment_bytes) ++group;
    if (group == groups.size()) {
      groups.emplace_back();
      totals.push_back(0);
    }
    groups[group].push_back(segment);
    totals[group] += live;
  }
  std::erase_if(groups, [&](const std::vector<size_t>& group) {
    return group.size() == 1 && segments[group.front()].deleted_documents == 0;
  });
  for (std::vector<size_t>& group : groups) std::sort(group.begin(), group.end());
  return groups;
}

}  // namespace foraker::index
