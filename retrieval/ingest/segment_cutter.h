// Documents in, a sequence of segment files out, each as large as a share of memory allows.
//
// Where a segment ends depends on the documents alone. A document whose id the segment under way
// has already is carried into the next one (a later copy takes its place there), so that the last
// copy always lies in the last segment; the copies before it are marked as replaced when the
// generation is put together.
//
// One thread. After an error other than kInvalidArgument (the document's fault; it was not added)
// the cutter is of no further use.

#ifndef FORAKER_RETRIEVAL_INGEST_SEGMENT_CUTTER_H_
#define FORAKER_RETRIEVAL_INGEST_SEGMENT_CUTTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "index/segment/document.h"
#include "index/segment/segment_writer.h"
#include "retrieval/ingest/encode_pipeline.h"

namespace foraker::retrieval {

class SegmentCutter {
 public:
  struct Options {
    std::string directory;
    uint64_t first_file = 1;  // number of the first segment
    size_t memory_bytes = 0;  // for the segment under way
    // Called when a segment is on the disk, with its file name.
    std::function<absl::Status(const std::string& file)> on_segment;
  };

  explicit SegmentCutter(Options options);

  // `line` is the ordinal of the document's line; `names` has the strings of its hashed terms.
  absl::Status Add(index::Document document, uint64_t line, const TermNames& names);

  // Writes what is left.
  absl::Status Finish();

  // Lines of the documents that are carried over the last cut, ascending: to start again after it,
  // add these first.
  std::vector<uint64_t> CarriedLines() const;

  uint64_t next_file() const { return next_file_; }
  uint64_t superseded() const { return superseded_; }  // carried copies that a later one replaced

 private:
  struct Carried {
    index::Document document;
    uint64_t line;
    TermNames names;
    size_t bytes;
  };

  absl::Status AddNow(index::Document& document, uint64_t line, const TermNames& names);
  void Carry(index::Document document, uint64_t line, const TermNames& names);
  absl::Status AddQueued();
  absl::Status Cut();
  bool IsFull() const;

  Options options_;
  uint64_t next_file_;
  uint64_t superseded_ = 0;
  std::unique_ptr<index::SegmentWriter> writer_;       // null: no segment is under way
  absl::flat_hash_map<std::string, Carried> carried_;  // by id: for the segment after this one
  size_t carried_bytes_ = 0;
  std::deque<Carried> queue_;  // carried over the last cut, not added yet; by line
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_SEGMENT_CUTTER_H_
