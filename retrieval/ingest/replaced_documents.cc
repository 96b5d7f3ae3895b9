#include "retrieval/ingest/replaced_documents.h"

#include <xxhash.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::retrieval {
namespace {

struct Place {
  uint32_t segment;
  index::DocId document;
};

// One pass: the new documents whose id's hash is `remainder` modulo `passes`.
class Pass {
 public:
  Pass(std::span<const index::LiveSegment> segments, std::span<index::DocumentSet> replaced,
       uint64_t passes, uint64_t remainder)
      : segments_(segments), replaced_(replaced), passes_(passes), remainder_(remainder) {}

  // The segment's copies are the last ones so far.
  absl::Status Enter(uint32_t segment) {
    return ForEachLive(segment, [&](std::string_view id, index::DocId document) {
      if (!IsMine(id)) return;
      const auto [last, inserted] = last_.try_emplace(base::ToAbsl(id), Place{segment, document});
      if (inserted) return;
      replaced_[last->second.segment].add(last->second.document);
      last->second = {segment, document};
    });
  }

  // The segment is older than all that were entered.
  absl::Status MarkOlder(uint32_t segment) {
    // A look-up in the segment costs more than one in the map, so it must save many of those.
    constexpr uint64_t kLookUpCost = 4;
    if (last_.size() * kLookUpCost < segments_[segment].segment->num_documents()) {
      return MarkByLookUp(segment);
    }
    return ForEachLive(segment, [&](std::string_view id, index::DocId document) {
      if (IsMine(id) && last_.contains(base::ToAbsl(id))) replaced_[segment].add(document);
    });
  }

 private:
  bool IsMine(std::string_view id) const {
    return passes_ == 1 || XXH3_64bits(id.data(), id.size()) % passes_ == remainder_;
  }

  bool IsLive(uint32_t segment, index::DocId document) const {
    const auto& deleted = segments_[segment].deleted_documents;
    return deleted == nullptr || !deleted->contains(document);
  }

  template <typename Visit>
  absl::Status ForEachLive(uint32_t segment, Visit visit) const {
    const index::Segment& file = *segments_[segment].segment;
    for (index::DocId document = 0; document < file.num_documents(); ++document) {
      if (!IsLive(segment, document)) continue;
      ASSIGN_OR_RETURN(const std::string_view id, file.Id(document));
      visit(id, document);
    }
    return absl::OkStatus();
  }

  absl::Status MarkByLookUp(uint32_t segment) {
    for (const auto& [id, place] : last_) {
      ASSIGN_OR_RETURN(const std::optional<index::DocId> document,
                       segments_[segment].segment->FindId(base::ToStd(id)));
      if (document && IsLive(segment, *document)) replaced_[segment].add(*document);
    }
    return absl::OkStatus();
  }

  std::span<const index::LiveSegment> segments_;
  std::span<index::DocumentSet> replaced_;
  uint64_t passes_;
  uint64_t remainder_;
  absl::flat_hash_map<absl::string_view, Place> last_;  // ids borrowed from the segments
};

}  // namespace

absl::StatusOr<uint64_t> MarkReplaced(std::span<index::LiveSegment> segments, size_t num_published,
                                      size_t memory_bytes) {
  constexpr uint64_t kBytesAnId = 64;  // of the hash map, when it has just grown
  uint64_t new_documents = 0;
  for (const index::LiveSegment& live : segments.subspan(num_published)) {
    new_documents += live.segment->num_documents();
  }
  const uint64_t passes = new_documents * kBytesAnId / std::max<size_t>(memory_bytes, 1) + 1;
  std::vector<index::DocumentSet> replaced(segments.size());
  for (uint64_t remainder = 0; remainder < passes; ++remainder) {
    Pass pass(segments, replaced, passes, remainder);
    for (size_t i = num_published; i < segments.size(); ++i) {
      RETURN_IF_ERROR(pass.Enter(static_cast<uint32_t>(i)));
    }
    for (size_t i = 0; i < num_published; ++i) {
      RETURN_IF_ERROR(pass.MarkOlder(static_cast<uint32_t>(i)));
    }
  }
  uint64_t total = 0;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (replaced[i].isEmpty()) continue;
    total += replaced[i].cardinality();
    if (segments[i].deleted_documents != nullptr) replaced[i] |= *segments[i].deleted_documents;
    segments[i].deleted_documents =
        std::make_shared<const index::DocumentSet>(std::move(replaced[i]));
  }
  return total;
}

}  // namespace foraker::retrieval
