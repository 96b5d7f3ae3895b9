// Writes the list sections (kPostings, kTermInfo, kBlockMaxima) term by term; layout.h draws them.
// One thread. Block maxima and records wait in memory until Finish.

#ifndef FORAKER_INDEX_POSTINGS_POSTINGS_WRITER_H_
#define FORAKER_INDEX_POSTINGS_POSTINGS_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "index/postings/impact.h"
#include "index/postings/layout.h"
#include "index/segment/section_file.h"

namespace foraker::index {

class PostingsWriter {
 public:
  // Begins kPostings in `out`, which outlives the writer.
  static absl::StatusOr<PostingsWriter> Create(uint32_t num_passages, SectionFileWriter& out);

  // The next term's postings, in ascending order of the passage; at least one.
  absl::Status Add(std::span<const uint32_t> passages, std::span<const Impact> impacts,
                   float scale);

  // Writes the remaining bytes of kPostings, then kTermInfo and kBlockMaxima.
  absl::Status Finish();

 private:
  PostingsWriter(uint32_t num_passages, SectionFileWriter& out)
      : num_windows_(NumWindows(num_passages)), num_blocks_(NumBlocks(num_passages)), out_(&out) {}
  void AppendBlocked(std::span<const uint32_t> passages, std::span<const Impact> impacts);
  // Appends the term's row; returns the number of blocks that hold the term.
  uint32_t AppendRow(std::span<const uint32_t> passages, std::span<const Impact> impacts);
  absl::Status Flush();

  uint32_t num_windows_;
  uint32_t num_blocks_;
  SectionFileWriter* out_;
  uint64_t flushed_ = 0;             // bytes of kPostings before `pending_`
  std::vector<std::byte> pending_;   // bytes of kPostings
  std::vector<TermRecord> records_;  // [terms]
  std::vector<std::byte> rows_;      // bytes of kBlockMaxima
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_POSTINGS_WRITER_H_
