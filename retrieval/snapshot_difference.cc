#include "retrieval/snapshot_difference.h"

#include <cstdint>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "index/segment/document_set.h"

namespace foraker::retrieval {
namespace {

index::DocumentSet Live(const index::LiveSegment& live) {
  index::DocumentSet documents;
  documents.addRange(0, live.segment->num_documents());
  if (live.deleted_documents != nullptr) documents -= *live.deleted_documents;
  return documents;
}

// By segment: its live documents in a snapshot.
class LiveIn {
 public:
  explicit LiveIn(const index::Snapshot& snapshot) {
    for (const index::LiveSegment& live : snapshot.segments) segments_[live.segment.get()] = &live;
  }

  // Documents of `live` that the snapshot does not have as live ones of the same segment.
  index::DocumentSet Without(const index::LiveSegment& live) const {
    const auto same = segments_.find(live.segment.get());
    if (same == segments_.end()) return Live(live);
    if (same->second->deleted_documents == live.deleted_documents) return {};
    return Live(live) - Live(*same->second);
  }

 private:
  absl::flat_hash_map<const index::Segment*, const index::LiveSegment*> segments_;
};

}  // namespace

absl::StatusOr<SnapshotDifference> Difference(const index::Snapshot& older,
                                              const index::Snapshot& newer) {
  SnapshotDifference difference;
  const LiveIn in_older(older);
  for (size_t s = 0; s < newer.segments.size(); ++s) {
    const index::Segment& segment = *newer.segments[s].segment;
    for (const index::DocId document : in_older.Without(newer.segments[s])) {
      ASSIGN_OR_RETURN(const std::string_view id, segment.Id(document));
      ASSIGN_OR_RETURN(const uint64_t version, segment.Version(document));
      ASSIGN_OR_RETURN(const FoundDocument before, FindDocument(older, id));
      if (before.state == FoundDocument::State::kLive) {
        const index::Segment& held = *older.segments[before.address.segment].segment;
        ASSIGN_OR_RETURN(const uint64_t held_version, held.Version(before.address.document));
        if (held_version == version) continue;  // moved by a merge
      }
      difference.changed.push_back({static_cast<uint32_t>(s), document});
    }
  }
  const LiveIn in_newer(newer);
  for (const index::LiveSegment& live : older.segments) {
    for (const index::DocId document : in_newer.Without(live)) {
      ASSIGN_OR_RETURN(const std::string_view id, live.segment->Id(document));
      ASSIGN_OR_RETURN(const FoundDocument now, FindDocument(newer, id));
      if (now.state != FoundDocument::State::kLive) difference.deleted.emplace_back(id);
    }
  }
  return difference;
}

}  // namespace foraker::retrieval
