// The posting lists of an open segment as the engine walks them: spans into the mapping.
//
// Immutable, safe for concurrent use; borrows from the file, which must outlive it. Find checks a
// list's bytes against their checksums at first use and that every span lies in its section;
// arbitrary bytes give kDataLoss. What it does not check, and readers must survive: that ids
// ascend, that window offsets are below 8,192, that impacts stay below their block's maximum.

#ifndef FORAKER_INDEX_POSTINGS_POSTING_LISTS_H_
#define FORAKER_INDEX_POSTINGS_POSTING_LISTS_H_

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/postings/layout.h"
#include "index/segment/section_file.h"

namespace foraker::index {

// About the blocks that hold a term.
struct BlockRow {
  std::span<const uint64_t> occupied;  // [BitmapWords] bits; empty: the row has all blocks
  std::span<const uint8_t> maxima;     // [n] largest impacts
  std::span<const uint8_t> counts;     // [n] postings
};

struct PostingList {
  float scale = 0;  // stored weight <= impact x scale
  uint32_t document_frequency = 0;

  // Plain lists.
  std::span<const uint32_t> passages;  // [df]
  std::span<const uint8_t> impacts;    // [df]

  // Blocked lists.
  std::span<const BlockedPosting> postings;  // [df]
  std::span<const uint16_t> window_counts;   // [windows], adding up to df
  BlockRow row;

  bool blocked() const { return passages.empty(); }
};

class PostingLists {
 public:
  static absl::StatusOr<PostingLists> Open(const SectionFile& file, uint32_t num_passages);

  uint32_t num_terms() const { return static_cast<uint32_t>(records_.size()); }
  uint32_t num_windows() const { return num_windows_; }
  uint32_t num_blocks() const { return num_blocks_; }

  absl::StatusOr<uint32_t> DocumentFrequency(uint32_t term) const;
  absl::StatusOr<PostingList> Find(uint32_t term) const;

 private:
  PostingLists() = default;
  absl::StatusOr<TermRecord> Record(uint32_t term) const;
  absl::Status ReadBlocked(uint32_t term, const std::byte* list, PostingList& out) const;
  absl::Status Bad(uint32_t term, std::string_view what) const;

  const SectionFile* file_ = nullptr;
  std::span<const TermRecord> records_;
  std::span<const std::byte> postings_;
  std::span<const std::byte> rows_;
  uint32_t num_passages_ = 0;
  uint32_t num_windows_ = 0;
  uint32_t num_blocks_ = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_POSTING_LISTS_H_
