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

// The largest impact of each block that holds the term.
struct MaximaRow {
  std::span<const uint64_t> occupied;  // [ceil(blocks / 64)] bits; empty: `maxima` has all blocks
  std::span<const uint8_t> maxima;     // [blocks], or [set bits of `occupied`]
};

struct PostingList {
  float scale = 0;                   // stored weight <= impact x scale
  std::span<const uint8_t> impacts;  // [df]

  // One of the two is empty.
  std::span<const uint32_t> passages;  // [df], plain lists
  std::span<const uint16_t> offsets;   // [df], windowed lists: passage mod 8,192

  // Windowed lists only.
  std::span<const uint16_t> window_counts;  // [windows], adding up to df
  MaximaRow maxima;

  uint32_t document_frequency() const { return static_cast<uint32_t>(impacts.size()); }
  bool windowed() const { return passages.empty(); }
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
  absl::Status ReadWindowed(uint32_t term, uint32_t df, const std::byte* list,
                            PostingList& out) const;
  absl::Status Bad(uint32_t term, std::string_view what) const;

  const SectionFile* file_ = nullptr;
  std::span<const TermRecord> records_;
  std::span<const std::byte> postings_;
  std::span<const std::byte> maxima_;
  uint32_t num_passages_ = 0;
  uint32_t num_windows_ = 0;
  uint32_t num_blocks_ = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_POSTING_LISTS_H_
