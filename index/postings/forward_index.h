// Exact vectors by passage: what rescoring, explanations, merges and title terms read.
//
// A record holds n terms of a universe of U ordinals (all terms of the segment), ordinals in
// Elias-Fano form (Elias 1974; Fano 1971): the low l = floor(log2(U / n)) bits of each as they are,
// the rest in unary. About 2 + l bits an ordinal: 1.17 bytes for 187 terms of 30,000.
//
//   u32                 n
//   u64                 first entry in kPositions (only in segments that have positions)
//   u64[upper words]    bit (ordinal >> l) + i set for entry i; ceil((n + (U >> l) + 1) / 64) words
//   u8[low bytes]       n x l bits, least significant first; padded to 2 bytes
//   u16[n]              float16 weights
//   padding             to 4 bytes
//
// An empty vector is a record of n = 0 and nothing else. Decoding is safe on arbitrary bytes: sizes
// follow from n, a record that does not fill its range exactly is kDataLoss, and so are ordinals
// that do not ascend below U.

#ifndef FORAKER_INDEX_POSTINGS_FORWARD_INDEX_H_
#define FORAKER_INDEX_POSTINGS_FORWARD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/section_file.h"
#include "index/sparse_vector.h"

namespace foraker::index {

inline constexpr size_t kForwardTailBytes = 8;  // 64-bit loads at a record's end stay inside

// A query term as one segment knows it; ordinals ascend as keys do.
struct ResolvedTerm {
  uint32_t ordinal;
  float weight;
};

// Builds kForward, kForwardOffsets and kPositions, passage by passage in their final order.
class ForwardEncoder {
 public:
  ForwardEncoder(uint32_t num_terms, bool with_positions)
      : num_terms_(num_terms), with_positions_(with_positions) {}

  // Appends the record of a vector to `out`. `ordinals` ascend strictly below num_terms.
  void Append(std::span<const uint32_t> ordinals, std::span<const base::Float16Bits> weights,
              std::vector<std::byte>& out);

  uint64_t num_entries() const { return num_entries_; }

 private:
  uint32_t num_terms_;
  bool with_positions_;
  uint64_t num_entries_ = 0;
};

// Reads them. Immutable, safe for concurrent use; keeps the file alive.
class ForwardIndex {
 public:
  static absl::StatusOr<ForwardIndex> Open(std::shared_ptr<const SectionFile> file,
                                           uint32_t num_terms);

  uint32_t num_passages() const { return static_cast<uint32_t>(offsets_.size() - 1); }
  bool has_positions() const { return has_positions_; }

  // Replaces the three by the passage's vector; `positions` stays empty when the segment has none.
  absl::Status Load(uint32_t passage, std::vector<uint32_t>& ordinals,
                    std::vector<base::Float16Bits>& weights,
                    std::vector<Position>& positions) const;

  // The definition's score (sparse_vector.h) over the terms that the segment knows.
  absl::StatusOr<float> Score(uint32_t passage, std::span<const ResolvedTerm> query) const;

 private:
  struct Record;

  ForwardIndex() = default;
  absl::StatusOr<Record> Find(uint32_t passage) const;

  std::shared_ptr<const SectionFile> file_;
  std::span<const uint64_t> offsets_;  // [passages + 1]
  std::span<const std::byte> records_;
  std::span<const Position> positions_;
  uint32_t num_terms_ = 0;
  bool has_positions_ = false;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_FORWARD_INDEX_H_
